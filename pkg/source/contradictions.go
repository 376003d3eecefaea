package source

import "strconv"

// checkKubelet finds what a source says of kubelets that cannot hold together.
func (d *draft) checkKubelet(def Defaults) {
	if d.unclear[kubelets] {
		return
	}
	d.checkPort()
	if d.insecureTLS != nil && *d.insecureTLS && d.caFile != "" {
		d.wrong(": kubeletInsecureTLS=true accepts any certificate, so kubeletCertificateAuthority=%q cannot take effect: leave out one", d.caFile)
	}
	if (d.certFile == "") != (d.keyFile == "") {
		given, missing := "kubeletClientCertificate", "kubeletClientKey"
		if d.certFile == "" {
			given, missing = missing, given
		}
		d.wrong(": %s needs %s too: give both, or neither for the defaults", given, missing)
	}
	d.checkPlain(def)
}

// checkPort finds two ports for one kubelet. The port in a Node's status is the one for https.
func (d *draft) checkPort() {
	if !isTrue(d.useNodeStatusPort) {
		return
	}
	var others []string
	if d.port != 0 {
		others = append(others, "kubeletPort="+strconv.Itoa(d.port))
	}
	if isFalse(d.https) {
		others = append(others, "kubeletHttps=false")
	}
	for _, other := range others {
		d.wrong(": useNodeStatusPort=true takes the https port of each Node's status, which contradicts %s: leave out one", other)
	}
}

// checkPlain finds options about certificates where none are shown.
func (d *draft) checkPlain(def Defaults) {
	why := d.whyPlain(def)
	if why == "" {
		return
	}
	var pointless []string
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"kubeletCertificateAuthority", d.caFile != ""},
		{"kubeletClientCertificate", d.certFile != ""},
		{"kubeletClientKey", d.keyFile != ""},
		{"kubeletInsecureTLS=true", isTrue(d.insecureTLS)},
	} {
		if o.given {
			pointless = append(pointless, o.name)
		}
	}
	if len(pointless) > 0 {
		d.wrong(": kubelets are asked over http because of %s, so %s cannot take effect: leave that out, or give kubeletHttps=true", why, list(pointless))
	}
}
