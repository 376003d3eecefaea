package source

import "fmt"

// inheritAccess takes over the access of the cluster's first source. What the source gives itself must be the same.
func (s *spec) inheritAccess(first *spec) {
	if s.unparsed[access] = first.unparsed[access]; s.unparsed[access] {
		return
	}
	s.api = first.api
	s.checkRepeated(first, s.server != "", "the address", s.server, first.api.Server)
	s.checkRepeated(first, s.auth != "", "auth", s.auth, first.api.Kubeconfig)
	for _, o := range []struct {
		name  string
		value *bool
		first bool
	}{
		{"inClusterConfig", s.inCluster, first.api.InCluster},
		{"insecure", s.insecure, first.api.Insecure},
		{"useServiceAccount", s.useServiceAccount, first.api.UseServiceAccount},
	} {
		s.checkRepeated(first, o.value != nil, o.name, fmt.Sprint(isTrue(o.value)), fmt.Sprint(o.first))
	}
}

// checkRepeated rejects a value that the source gives and that differs from the first source's.
func (s *spec) checkRepeated(first *spec, given bool, name, value, firstValue string) {
	if given && value != firstValue {
		s.errorf(": %s is %q, but %q for source %v before it: the sources of a cluster reach one API server in one way, so repeat what the first says, leave it out, or give another cluster=NAME",
			name, value, firstValue, first)
	}
}
