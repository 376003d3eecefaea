package source

import (
	"fmt"
	"strconv"
	"strings"
)

// resolveAccess decides how the API server of each source's cluster is reached. The first source of a cluster decides for all of its sources.
func resolveAccess(specs []*spec, def Defaults) {
	firsts := make(map[string]*spec)
	unparsedCluster := false
	for _, s := range specs {
		if s.unparsed[cluster] {
			unparsedCluster = true
			continue
		}
		first, known := firsts[s.cluster]
		switch {
		case !known:
			firsts[s.cluster] = s
			// A source whose cluster could not be parsed may be the one that decides.
			s.unparsed[access] = s.unparsed[access] || unparsedCluster && s.server == "" && s.auth == ""
			s.resolveOwnAccess(def)
		case !s.unparsed[access]:
			s.checkCredentials()
			s.inheritAccess(first)
		}
	}
}

// resolveOwnAccess resolves the access from the values of the source itself.
func (s *spec) resolveOwnAccess(def Defaults) {
	if s.unparsed[access] {
		return
	}
	s.api = s.ownAccess(def)
	before := len(s.Errs)
	s.checkCredentials()
	s.checkCluster()
	s.checkEncrypted()
	s.unparsed[access] = len(s.Errs) > before
}

func (s *spec) ownAccess(def Defaults) Access {
	a := Access{Server: s.server, Kubeconfig: s.auth, Insecure: isTrue(s.insecure), UseServiceAccount: isTrue(s.useServiceAccount)}
	switch {
	case s.auth != "":
	case s.cluster == "" && (s.inCluster == nil || isFalse(s.inCluster) && s.server == ""): // An address alone means that there are no credentials.
		a.Kubeconfig, a.InCluster = def.Kubeconfig, s.inCluster == nil && def.Kubeconfig == ""
	default:
		a.InCluster = !isFalse(s.inCluster)
	}
	return a
}

func (s *spec) checkCredentials() {
	if s.auth != "" && isTrue(s.inCluster) {
		s.Errorf(": inClusterConfig=true and auth=%q contradict each other: leave out one", s.auth)
	}
}

// checkCluster rejects a home cluster without a way to it, the home cluster under another name, and its credentials for another cluster unless the source
// asks for them.
func (s *spec) checkCluster() {
	if s.kind == Prometheus {
		s.checkEngineCluster()
		return
	}
	switch {
	case s.cluster == "" && !s.api.InCluster && s.api.Server == "" && s.api.Kubeconfig == "":
		s.Errorf(": inClusterConfig=false leaves no way to the API server: give its address after the colon, auth=FILE or --kubeconfig")
	case s.cluster == "":
	case s.server != "" && s.api.InCluster && s.inCluster == nil && !plain(s.server):
		s.Errorf(": cluster=%q would be sent the credentials of this pod: give auth=FILE, or inClusterConfig=false for none, or inClusterConfig=true if they are meant for it", s.cluster)
	case s.server == "" && s.auth == "":
		s.Errorf(": cluster=%q needs the address of its API server or auth=FILE: without them it would be the home cluster under another name", s.cluster)
	}
}

// checkEncrypted rejects credentials over http. The content of a file is not known here: it may be a token.
func (s *spec) checkEncrypted() {
	if !plain(s.api.Server) {
		return
	}
	var credentials []string
	if s.api.InCluster {
		credentials = append(credentials, "the in-cluster configuration")
	}
	if s.api.Kubeconfig != "" {
		credentials = append(credentials, "the kubeconfig "+strconv.Quote(s.api.Kubeconfig))
	}
	if s.api.UseServiceAccount {
		credentials = append(credentials, "useServiceAccount=true")
	}
	if len(credentials) > 0 {
		s.Errorf(": a token of %s would go unencrypted to %s: write https://, or give inClusterConfig=false without auth and useServiceAccount for no credentials",
			strings.Join(credentials, " or "), s.api.Server)
	}
}

func plain(server string) bool { return strings.HasPrefix(server, "http://") }

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
		s.Errorf(": %s is %q, but %q for source %v before it: the sources of a cluster reach one API server in one way, so repeat what the first says, leave it out, or give another cluster=NAME",
			name, value, firstValue, first)
	}
}
