package servingcert

import (
	"crypto/x509"
	"slices"
	"time"
)

// maxAuthorities bounds caBundle where the Secret is emptied again and again.
const maxAuthorities = 4

// renew returns the state that follows at a time: s itself where nothing is due. A nil s, and one whose newest authority cannot be used, is replaced
// as a whole; the authorities of former stay in caBundle, for replicas that still serve what these have signed. isPublished is true of an authority
// that is in caBundle of every own APIService.
//
// Authorities take turns in three steps, so that each certificate that is served is signed by an authority that was published before:
// a new authority is added, Overlap later it signs, and Overlap after that the old one is removed.
func (i *issuer) renew(s *state, former []*x509.Certificate, now time.Time, isPublished func(*x509.Certificate) bool) (*state, error) {
	if s == nil {
		return i.replace(state{authorities: former}, now)
	}
	if !i.lifetimes.isUsable(s.authorities[0], now) {
		return i.replace(*s, now)
	}
	if i.lifetimes.isDue(s.authorities[0], now) {
		return i.addAuthority(*s, now)
	}
	if i.needsServing(s, now, isPublished) {
		return i.withServing(*s, now)
	}
	if kept := i.needed(s, now); len(kept) < len(s.authorities) {
		next := *s
		next.authorities = kept
		return &next, nil
	}
	return s, nil
}

// replace makes a new authority and lets it sign at once.
func (i *issuer) replace(s state, now time.Time) (*state, error) {
	next, err := i.addAuthority(s, now)
	if err != nil {
		return nil, err
	}
	return i.withServing(*next, now)
}

// addAuthority puts a new authority before those that are there.
func (i *issuer) addAuthority(s state, now time.Time) (*state, error) {
	authority, key, err := i.newAuthority(now)
	if err != nil {
		return nil, err
	}
	old := slices.DeleteFunc(slices.Clone(s.authorities), func(a *x509.Certificate) bool { return !now.Before(a.NotAfter) })
	s.authorities = append([]*x509.Certificate{authority}, old[:min(len(old), maxAuthorities-1)]...)
	s.authorityKey = key
	return &s, nil
}

// needsServing is true where a new serving certificate is to be made by the newest authority.
func (i *issuer) needsServing(s *state, now time.Time, isPublished func(*x509.Certificate) bool) bool {
	newest := s.authorities[0]
	switch {
	case !i.lifetimes.isUsable(s.serving, now) || !i.hasNames(s.serving):
		return true
	case s.signer() == newest:
		return i.lifetimes.isDue(s.serving, now)
	}
	return i.lifetimes.age(newest, now) >= i.lifetimes.Overlap && isPublished(newest)
}

func (i *issuer) hasNames(c *x509.Certificate) bool {
	return !slices.ContainsFunc(i.dnsNames, func(name string) bool { return c.VerifyHostname(name) != nil })
}

// needed are the authorities that belong into caBundle: the newest alone, once every replica has served for Overlap what it has signed.
func (i *issuer) needed(s *state, now time.Time) []*x509.Certificate {
	if s.signer() == s.authorities[0] && i.lifetimes.age(s.serving, now) >= i.lifetimes.Overlap {
		return s.authorities[:1]
	}
	return s.authorities
}
