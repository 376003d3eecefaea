package source

import "strconv"

// checkKubelet rejects options about kubelets that contradict each other.
func (s *spec) checkKubelet(def Defaults) {
	if s.kind == Prometheus || s.unparsed[kubelets] {
		return
	}
	s.checkPort()
	const pointless = ": kubeletInsecureTLS=true accepts any certificate, so %s=%q cannot take effect: leave out one"
	if isTrue(s.insecureTLS) && s.caFile != "" {
		s.Errorf(pointless, "kubeletCertificateAuthority", s.caFile)
	}
	if isTrue(s.insecureTLS) && s.verify != "" {
		s.Errorf(pointless, "kubeletVerify", s.verify)
	}
	if (s.certFile == "") != (s.keyFile == "") {
		given, missing := "kubeletClientCertificate", "kubeletClientKey"
		if s.certFile == "" {
			given, missing = missing, given
		}
		s.Errorf(": %s needs %s too: give both, or neither for the defaults", given, missing)
	}
	s.checkPlain(def)
}

// checkPort rejects two ports for one kubelet. The port in a Node's status is the one for https.
func (s *spec) checkPort() {
	if !isTrue(s.useNodeStatusPort) {
		return
	}
	const contradiction = ": useNodeStatusPort=true takes the https port of each Node's status, which contradicts %s: leave out one"
	if s.port != 0 {
		s.Errorf(contradiction, "kubeletPort="+strconv.Itoa(s.port))
	}
	if isFalse(s.https) {
		s.Errorf(contradiction, "kubeletHttps=false")
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
		{"kubeletVerify", s.verify != ""},
	} {
		if o.given {
			pointless = append(pointless, o.name)
		}
	}
	if len(pointless) > 0 {
		s.Errorf(": kubelets are scraped over http because of %s, so %s cannot take effect: leave that out, or give kubeletHttps=true", reason, list(pointless))
	}
}

// checkTimes rejects a request that may still be under way when the next scrape is due.
func (s *spec) checkTimes(def Defaults) {
	if s.unparsed[times] || s.requestTimeout == 0 {
		return
	}
	if every := s.effectiveResolution(def); s.requestTimeout >= every {
		s.Errorf(": requestTimeout=%v must be shorter than the resolution, %v: shorten the one or lengthen the other", s.requestTimeout, every)
	}
}
