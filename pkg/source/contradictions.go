package source

import "strconv"

// checkKubelet rejects options about kubelets that contradict each other.
func (s *spec) checkKubelet(def Defaults) {
	if s.unparsed[kubelets] {
		return
	}
	s.checkPort()
	if s.insecureTLS != nil && *s.insecureTLS && s.caFile != "" {
		s.errorf(": kubeletInsecureTLS=true accepts any certificate, so kubeletCertificateAuthority=%q cannot take effect: leave out one", s.caFile)
	}
	if (s.certFile == "") != (s.keyFile == "") {
		given, missing := "kubeletClientCertificate", "kubeletClientKey"
		if s.certFile == "" {
			given, missing = missing, given
		}
		s.errorf(": %s needs %s too: give both, or neither for the defaults", given, missing)
	}
	s.checkPlain(def)
}

// checkPort rejects two ports for one kubelet. The port in a Node's status is the one for https.
func (s *spec) checkPort() {
	if !isTrue(s.useNodeStatusPort) {
		return
	}
	var others []string
	if s.port != 0 {
		others = append(others, "kubeletPort="+strconv.Itoa(s.port))
	}
	if isFalse(s.https) {
		others = append(others, "kubeletHttps=false")
	}
	for _, other := range others {
		s.errorf(": useNodeStatusPort=true takes the https port of each Node's status, which contradicts %s: leave out one", other)
	}
}

// checkPlain rejects options about certificates where kubelets are scraped over http.
func (s *spec) checkPlain(def Defaults) {
	reason := s.plainReason(def)
	if reason == "" {
		return
	}
	var pointless []string
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"kubeletCertificateAuthority", s.caFile != ""},
		{"kubeletClientCertificate", s.certFile != ""},
		{"kubeletClientKey", s.keyFile != ""},
		{"kubeletInsecureTLS=true", isTrue(s.insecureTLS)},
	} {
		if o.given {
			pointless = append(pointless, o.name)
		}
	}
	if len(pointless) > 0 {
		s.errorf(": kubelets are scraped over http because of %s, so %s cannot take effect: leave that out, or give kubeletHttps=true", reason, list(pointless))
	}
}
