package source

import corev1 "k8s.io/api/core/v1"

// kubelet says how kubelets are reached. The draft's api is settled.
func (d *draft) kubelet(def Defaults) Kubelet {
	k := Kubelet{
		HTTPS:             d.whyPlain(def) == "",
		AddressTypes:      d.addresses(def),
		UseNodeStatusPort: isTrue(d.useNodeStatusPort),
		RequestTimeout:    d.timeout(def),

		AllowLocalAddresses: def.AllowLocalAddresses,
	}
	if d.allowLocalAddresses != nil {
		k.AllowLocalAddresses = *d.allowLocalAddresses
	}
	k.Port = d.portOver(k.HTTPS, def)
	if d.useNodeStatusPort == nil && d.port == 0 && (k.HTTPS || d.plainByFlag(def)) {
		k.UseNodeStatusPort = def.UseNodeStatusPort
	}
	if k.HTTPS {
		d.trust(&k, def)
	}
	return k
}

// plainByFlag is true where only the flag brings plain HTTP: then the flags for the port go with it, as in metrics-server.
func (d *draft) plainByFlag(def Defaults) bool { return d.https == nil && def.PlainHTTP }

// whyPlain returns what makes kubelets be asked over http; empty for https.
func (d *draft) whyPlain(def Defaults) string {
	switch {
	case isTrue(d.https):
		return ""
	case isFalse(d.https):
		return "kubeletHttps=false"
	case def.PlainHTTP:
		return "--deprecated-kubelet-completely-insecure"
	case d.port == readOnlyPort:
		return "kubeletPort=10255"
	case plain(d.api.Server):
		// No credentials at all: only the read-only port answers those who have none.
		return "the http:// address of the API server"
	}
	return ""
}

func (d *draft) portOver(https bool, def Defaults) int {
	switch {
	case d.port != 0:
		return d.port
	case !https && def.KubeletPort == securePort && !d.plainByFlag(def):
		return readOnlyPort
	}
	return def.KubeletPort
}

func (d *draft) addresses(def Defaults) []corev1.NodeAddressType {
	if d.addressTypes != nil {
		return d.addressTypes
	}
	return def.AddressTypes
}

// trust says which certificates are shown and accepted. What a source says goes before the flags.
func (d *draft) trust(k *Kubelet, def Defaults) {
	k.CertFile, k.KeyFile = def.CertFile, def.KeyFile
	if d.certFile != "" {
		k.CertFile, k.KeyFile = d.certFile, d.keyFile
	}
	switch {
	case d.insecureTLS != nil:
		k.InsecureTLS = *d.insecureTLS
	case d.caFile != "":
	default:
		k.InsecureTLS = d.api.Insecure || def.InsecureTLS
	}
	if k.InsecureTLS {
		return
	}
	if k.CAFile = d.caFile; k.CAFile == "" {
		k.CAFile = def.CAFile
	}
}
