package source

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// notes tells what the source does otherwise than in Heapster, and what may surprise. Nothing is said of a source that Heapster
// would not have known.
func (d *draft) notes(s Source, def Defaults) []string {
	var notes []string
	note := func(when bool, format string, args ...any) {
		if when {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	if d.ofHeapster() {
		note(s.Kind == Resource, "kubelets are asked for /metrics/resource: they no longer have the /stats/container of Heapster")
		note(ports(s.Kubelet) != d.portOfHeapster(), "kubelets are asked over %s, where Heapster would have used %s", ports(s.Kubelet), d.portOfHeapster())
		note(d.addressTypes == nil && !likeHeapster(s.Kubelet.AddressTypes),
			"kubelets are reached at addresses of the types %v, in that order, where Heapster used InternalIP, then ExternalIP", s.Kubelet.AddressTypes)
	}
	note(d.hostIDAnnotation, "host_id_annotation has no effect: nothing that is served has the ID of a host")
	note(d.cluster == "" && d.auth != "" && d.inCluster == nil, "auth turns inClusterConfig off, where Heapster ignored auth unless inClusterConfig=false was given")
	note(d.auth != "" && d.server != "", "the address replaces the server of the kubeconfig, where Heapster ignored the address")
	note(d.auth != "" && isTrue(d.insecure), "insecure=true holds for the kubeconfig's server too, where Heapster ignored it")
	note(hasPath(d.server), "the path of the address is used, where Heapster ignored it")
	note(isTrue(d.useServiceAccount), "the service account's token is read again when it changes, where Heapster read it once")
	note(d.dropsCA(s.Kubelet, def), "the kubelets' certificates are not verified, whatever --kubelet-certificate-authority says: kubeletInsecureTLS=false verifies them")
	note(d.cluster != "" && s.API.UseServiceAccount, "the API server and the kubelets are shown the token of this pod: leave useServiceAccount out if it is not meant for them")
	note(d.cluster != "" && s.API.InCluster, "the API server is shown the credentials of this pod: give auth=FILE for others, or inClusterConfig=false for none")
	note(d.resolution > 0 && d.requestTimeout == 0 && s.Kubelet.RequestTimeout < def.RequestTimeout,
		"requestTimeout is cut from %v to %v, nine tenths of the resolution", def.RequestTimeout, s.Kubelet.RequestTimeout)
	return notes
}

// ofHeapster tells whether the source says something that Heapster understood, apart from the endpoint, and nothing of clusters,
// which it did not.
func (d *draft) ofHeapster() bool {
	return d.cluster == "" && (d.server != "" || d.auth != "" || d.inCluster != nil || d.insecure != nil || d.useServiceAccount != nil ||
		d.https != nil || d.port != 0 || d.hostIDAnnotation)
}

func (d *draft) portOfHeapster() string {
	k := Kubelet{HTTPS: isTrue(d.https), Port: readOnlyPort}
	if d.port != 0 {
		k.Port = d.port
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

func likeHeapster(types []corev1.NodeAddressType) bool {
	return len(types) > 0 && types[0] == corev1.NodeInternalIP
}

func hasPath(server string) bool {
	_, rest, _ := strings.Cut(server, "://")
	return strings.Contains(rest, "/")
}

// dropsCA tells whether insecure=true reaches further than who gave --kubelet-certificate-authority may know.
func (d *draft) dropsCA(k Kubelet, def Defaults) bool {
	return d.insecureTLS == nil && k.InsecureTLS && def.CAFile != ""
}
