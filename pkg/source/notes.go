package source

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// notes are sentences on what the source does otherwise than in Heapster, and on effects that may surprise. A source that Heapster would not have
// accepted has no notes of the first kind, and one that names an engine has none.
func (s *spec) notes(out Source, def Defaults) []string {
	if s.kind == Prometheus {
		return nil
	}
	var notes []string
	note := func(when bool, format string, args ...any) {
		if when {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	if s.isFromHeapster() {
		note(out.Kind == Resource, "kubelets are scraped at /metrics/resource: they no longer have the /stats/container of Heapster")
		note(ports(out.Kubelet) != s.heapsterPort(), "kubelets are scraped over %s, where Heapster would have used %s", ports(out.Kubelet), s.heapsterPort())
		note(s.addressTypes == nil && slices.Index(out.Kubelet.AddressTypes, corev1.NodeInternalIP) != 0,
			"kubelets are reached at addresses of the types %v, in that order, where Heapster used InternalIP, then ExternalIP", out.Kubelet.AddressTypes)
	}
	note(s.hostIDAnnotation, "host_id_annotation has no effect: nothing that is served has the ID of a host")
	note(s.cluster == "" && s.auth != "" && s.inCluster == nil, "auth turns inClusterConfig off, where Heapster ignored auth unless inClusterConfig=false was given")
	note(s.auth != "" && s.server != "", "the address replaces the server of the kubeconfig, where Heapster ignored the address")
	note(s.auth != "" && isTrue(s.insecure), "insecure=true holds for the kubeconfig's server too, where Heapster ignored it")
	note(strings.Count(s.server, "/") > 2, "the path of the address is used, where Heapster ignored it")
	note(isTrue(s.useServiceAccount), "the service account's token is read again when it changes, where Heapster read it once")
	note(s.insecureTLS == nil && out.Kubelet.InsecureTLS && def.CAFile != "", "the kubelets' certificates are not verified, whatever --kubelet-certificate-authority says: kubeletInsecureTLS=false verifies them")
	note(s.cluster != "" && out.API.UseServiceAccount, "the API server and the kubelets are sent the token of this pod: leave useServiceAccount out if it is not meant for them")
	note(s.cluster != "" && out.API.InCluster, "the API server is sent the credentials of this pod: give auth=FILE for other credentials, or inClusterConfig=false for none")
	note(s.resolution > 0 && s.requestTimeout == 0 && out.Kubelet.RequestTimeout < def.RequestTimeout,
		"requestTimeout is cut from %v to %v, nine tenths of the resolution", def.RequestTimeout, out.Kubelet.RequestTimeout)
	return notes
}

// isFromHeapster is true where the source has an option that Heapster accepted, apart from the endpoint, and none about clusters, which it did not
// know.
func (s *spec) isFromHeapster() bool {
	return s.cluster == "" && (s.server != "" || s.auth != "" || s.inCluster != nil || s.insecure != nil || s.useServiceAccount != nil ||
		s.https != nil || s.port != 0 || s.hostIDAnnotation)
}

func (s *spec) heapsterPort() string {
	k := Kubelet{HTTPS: isTrue(s.https), Port: readOnlyPort}
	if s.port != 0 {
		k.Port = s.port
	}
	return ports(k)
}

func ports(k Kubelet) string {
	scheme := "http"
	if k.HTTPS {
		scheme = "https"
	}
	if k.UseNodeStatusPort {
		return scheme + " at the port of each Node's status"
	}
	return fmt.Sprintf("%s at port %d", scheme, k.Port)
}
