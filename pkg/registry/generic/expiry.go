package generic

// Expiry is what some causes know: whether the numbers of the whole cluster are too old to be served.
type Expiry interface {
	// Expired is non-nil where nothing in the cluster has numbers that may still be served, and says why.
	Expired() error
}

// ExpiredBy is Reader.Expired of causes; nil where they do not know it.
func ExpiredBy(causes any) func() error {
	if e, ok := causes.(Expiry); ok {
		return e.Expired
	}
	return nil
}
