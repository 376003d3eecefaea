package generic

// Expiry reports whether the usage of all objects of the cluster is too old to be served.
type Expiry interface {
	// Expired is non-nil where nothing in the cluster has usage that may still be served, and says why.
	Expired() error
}

// ExpiredBy is Reader.Expired of causes; nil where they do not implement [Expiry].
func ExpiredBy(causes any) func() error {
	if e, ok := causes.(Expiry); ok {
		return e.Expired
	}
	return nil
}
