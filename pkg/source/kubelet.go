package source

import corev1 "k8s.io/api/core/v1"

// kubelet resolves how kubelets are reached. The access has been resolved before.
func (s *spec) kubelet(def Defaults) Kubelet {
	k := Kubelet{
		HTTPS:             s.plainReason(def) == "",
		AddressTypes:      s.effectiveAddressTypes(def),
		UseNodeStatusPort: isTrue(s.useNodeStatusPort),
		RequestTimeout:    s.effectiveTimeout(def),

		AllowLocalAddresses: def.AllowLocalAddresses,
	}
	if s.allowLocalAddresses != nil {
		k.AllowLocalAddresses = *s.allowLocalAddresses
	}
	k.Port = s.effectivePort(k.HTTPS, def)
	if s.useNodeStatusPort == nil && s.port == 0 && (k.HTTPS || s.plainByFlag(def)) {
		k.UseNodeStatusPort = def.UseNodeStatusPort
	}
	if k.HTTPS {
		s.resolveTLS(&k, def)
	}
	return k
}

// plainByFlag is true where only the flag turns https off: then the flags for the port apply too, as in metrics-server.
func (s *spec) plainByFlag(def Defaults) bool { return s.https == nil && def.PlainHTTP }

// plainReason returns the option or flag because of which kubelets are scraped over http; empty for https.
func (s *spec) plainReason(def Defaults) string {
	switch {
	case isTrue(s.https):
		return ""
	case isFalse(s.https):
		return "kubeletHttps=false"
	case def.PlainHTTP:
		return "--deprecated-kubelet-completely-insecure"
	case s.port == readOnlyPort:
		return "kubeletPort=10255"
	case plain(s.api.Server):
		// There are no credentials: only the read-only port accepts requests without any.
		return "the http:// address of the API server"
	}
	return ""
}

func (s *spec) effectivePort(https bool, def Defaults) int {
	switch {
	case s.port != 0:
		return s.port
	case !https && def.KubeletPort == securePort && !s.plainByFlag(def):
		return readOnlyPort
	}
	return def.KubeletPort
}

func (s *spec) effectiveAddressTypes(def Defaults) []corev1.NodeAddressType {
	if s.addressTypes != nil {
		return s.addressTypes
	}
	return def.AddressTypes
}

// resolveTLS resolves which certificate is presented to kubelets and which ones of theirs are accepted. The source's options replace the flags.
func (s *spec) resolveTLS(k *Kubelet, def Defaults) {
	k.CertFile, k.KeyFile = def.CertFile, def.KeyFile
	if s.certFile != "" {
		k.CertFile, k.KeyFile = s.certFile, s.keyFile
	}
	switch {
	case s.insecureTLS != nil:
		k.InsecureTLS = *s.insecureTLS
	case s.caFile != "":
	default:
		k.InsecureTLS = s.api.Insecure || def.InsecureTLS
	}
	if k.InsecureTLS {
		return
	}
	if k.CAFile = s.caFile; k.CAFile == "" {
		k.CAFile = def.CAFile
	}
}
