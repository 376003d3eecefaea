package servingcert

import (
	"crypto/x509"
	"time"
)

// Lifetimes are how long certificates are valid and how authorities take turns.
type Lifetimes struct {
	// Authority and Serving are the validity of an authority and of a serving certificate. Each is replaced when a third of it is left.
	Authority, Serving time.Duration
	// Overlap is how long a new authority is in caBundle before a certificate that it has signed is served, and how long an old authority stays there
	// after the last certificate that it has signed was replaced. It is longer than any replica or API server takes to notice either.
	Overlap time.Duration
	// Backdate is how long before it is made a certificate begins to be valid, for clocks that are behind.
	Backdate time.Duration
}

// DefaultLifetimes returns the lifetimes of a production server: an authority is replaced after 8 months, a serving certificate after 2.
func DefaultLifetimes() Lifetimes {
	const day = 24 * time.Hour
	return Lifetimes{Authority: 365 * day, Serving: 90 * day, Overlap: time.Hour, Backdate: time.Hour}
}

// age is the time since the certificate was made.
func (l Lifetimes) age(c *x509.Certificate, now time.Time) time.Duration {
	return now.Sub(c.NotBefore) - l.Backdate
}

// isDue is true where the certificate is to be replaced.
func (l Lifetimes) isDue(c *x509.Certificate, now time.Time) bool {
	return l.age(c, now) >= (c.NotAfter.Sub(c.NotBefore)-l.Backdate)*2/3
}

// isUsable is true where the certificate is valid now and for Overlap longer.
func (l Lifetimes) isUsable(c *x509.Certificate, now time.Time) bool {
	return !now.Before(c.NotBefore) && now.Add(l.Overlap).Before(c.NotAfter)
}
