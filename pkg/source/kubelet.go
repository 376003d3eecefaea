package source

import (
	"cmp"
	"time"

	"k8s.io/utils/ptr"
)

// kubelet resolves how kubelets are reached: the defaults, with what the source gives in their place. The access has been resolved before.
func (s *spec) kubelet(def Defaults) Kubelet {
	k := def.Kubelet
	k.HTTPS = s.plainReason(def) == ""
	k.UseNodeStatusPort = ptr.Deref(s.useNodeStatusPort, def.UseNodeStatusPort && s.port == 0 && (k.HTTPS || s.plainByFlag(def)))
	k.AllowLocalAddresses = ptr.Deref(s.allowLocalAddresses, def.AllowLocalAddresses)
	// The flag's value is cut so that the response is read before the next scrape.
	k.RequestTimeout = cmp.Or(s.requestTimeout, min(def.RequestTimeout, s.effectiveResolution(def)*9/10))
	if s.addressTypes != nil {
		k.AddressTypes = s.addressTypes
	}
	switch {
	case s.port != 0:
		k.Port = s.port
	case !k.HTTPS && k.Port == securePort && !s.plainByFlag(def):
		k.Port = readOnlyPort
	}
	if k.HTTPS {
		s.resolveTLS(&k)
	} else {
		k.CAFile, k.CertFile, k.KeyFile, k.InsecureTLS, k.VerifyNodeName = "", "", "", false, false
	}
	return k
}

// plainByFlag is true where only the flag turns https off: then the flags for the port apply too, as in metrics-server.
func (s *spec) plainByFlag(def Defaults) bool { return s.https == nil && !def.HTTPS }

// plainReason returns the option or flag because of which kubelets are scraped over http; empty for https.
func (s *spec) plainReason(def Defaults) string {
	switch {
	case isTrue(s.https):
		return ""
	case isFalse(s.https):
		return "kubeletHttps=false"
	case !def.HTTPS:
		return "--deprecated-kubelet-completely-insecure"
	case s.port == readOnlyPort:
		return "kubeletPort=10255"
	case plain(s.api.Server):
		// There are no credentials: only the read-only port accepts requests without any.
		return "the http:// address of the API server"
	}
	return ""
}

// resolveTLS resolves which certificate is presented to kubelets and which ones of theirs are accepted. The source's options replace the flags.
func (s *spec) resolveTLS(k *Kubelet) {
	if s.certFile != "" {
		k.CertFile, k.KeyFile = s.certFile, s.keyFile
	}
	if s.verify != "" {
		k.VerifyNodeName = s.verify == VerifyNodeName
	}
	k.CAFile = cmp.Or(s.caFile, k.CAFile)
	k.InsecureTLS = s.caFile == "" && s.verify == "" && (k.InsecureTLS || s.api.Insecure)
	if k.InsecureTLS = ptr.Deref(s.insecureTLS, k.InsecureTLS); k.InsecureTLS {
		k.CAFile, k.VerifyNodeName = "", false
	}
}

// effectiveResolution is the time from one scrape to the next, in the option or the flag.
func (s *spec) effectiveResolution(def Defaults) time.Duration {
	return cmp.Or(s.resolution, def.Resolution)
}
