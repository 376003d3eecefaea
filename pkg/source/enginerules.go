package source

import "strings"

// serviceAccount is where a pod has the token of its service account.
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/"

// checkEngine rejects options about an engine that contradict each other, and credentials that are not the engine's own.
func (s *spec) checkEngine() {
	if s.kind != Prometheus || s.unparsed[engines] {
		return
	}
	e := &s.values.engine
	if e.URL == "" {
		s.Errorf(" has no address of the engine: write %v:https://HOST:PORT, with the path below which /api/v1/query is", s.kind)
		return
	}
	var credentials []string
	for _, o := range []struct{ name, value string }{{"tokenFile", e.TokenFile}, {"pwFile", e.PasswordFile}, {"certFile", e.CertFile}} {
		if o.value != "" {
			credentials = append(credentials, o.name)
		}
		if strings.HasPrefix(o.value, serviceAccount) || strings.HasPrefix(o.value, strings.TrimPrefix(serviceAccount, "/var")) {
			s.Errorf(": %s=%q would send the engine the token by which Plimsoll reads the cluster: mount a token that is made for the engine, such as a projected one with an audience of its own", o.name, o.value)
		}
	}
	s.checkEngineTLS(credentials)
	if (e.User == "") != (e.PasswordFile == "") {
		s.Errorf(": user and pwFile need each other: give both, or neither")
	}
	if e.User != "" && e.TokenFile != "" {
		s.Errorf(": user and tokenFile contradict each other: leave out one")
	}
	if (e.CertFile == "") != (e.KeyFile == "") {
		s.Errorf(": certFile and keyFile need each other: give both, or neither")
	}
}

// checkEngineTLS rejects options about certificates that cannot take effect, and credentials over http.
func (s *spec) checkEngineTLS(credentials []string) {
	e := &s.values.engine
	if isTrue(s.insecuressl) && e.CAFile != "" {
		s.Errorf(": insecuressl=true accepts any certificate, so caFile=%q cannot take effect: leave out one", e.CAFile)
	}
	if !plain(e.URL) {
		return
	}
	if len(credentials) > 0 {
		s.Errorf(": %s would go unencrypted to %s: write https://, or leave it out", list(credentials), e.URL)
	}
	if e.CAFile != "" || isTrue(s.insecuressl) {
		s.Errorf(": caFile and insecuressl cannot take effect over http: leave them out, or write https://")
	}
}

// checkEngineCluster rejects a cluster without a way to its API server: the address of the source is the engine's.
func (s *spec) checkEngineCluster() {
	switch {
	case s.cluster != "" && s.auth == "":
		s.Errorf(": cluster=%q needs auth=FILE, a kubeconfig of its API server: without it this would be the home cluster under another name", s.cluster)
	case !s.api.InCluster && s.api.Kubeconfig == "":
		s.Errorf(": inClusterConfig=false leaves no way to the API server: give auth=FILE or --kubeconfig")
	}
}

// checkWindow rejects a window in which an engine may have no sample.
func (s *spec) checkWindow(def Defaults) {
	if s.kind != Prometheus || s.unparsed[times] || s.unparsed[engines] || s.values.engine.Window == 0 {
		return
	}
	if every := s.effectiveResolution(def); s.values.engine.Window < every {
		s.Errorf(": window=%v must not be shorter than the resolution, %v: lengthen the one or shorten the other", s.values.engine.Window, every)
	}
}
