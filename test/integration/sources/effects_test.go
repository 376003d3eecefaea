package sources

// effect is the effect of a source's options, in a cluster of its own next to the home cluster.
type effect struct {
	// options are the names of the options whose effect it shows, separated by spaces.
	options string
	// line is a source. {home} and {west} are the addresses of API servers; with .kubeconfig, .ca and .port, what reads that cluster,
	// the authority of its kubelets and their port of HTTPS; {west.proxy}, {west.cert} and {west.key} are further ones of west.
	line string
	// nodes is how many nodes are served; where it is 0, why is a part of the message.
	nodes int
	why   string
	// note is a part of a line in the log about the source.
	note string
	// inPod is true where the server needs the mounts of a pod.
	inPod bool
}

const (
	homeKubelets = "kubernetes?auth={home.kubeconfig}&kubeletCertificateAuthority={home.ca}"
	westKubelets = "kubernetes?auth={west.kubeconfig}&kubeletCertificateAuthority={west.ca}"
	westProxy    = "kubernetes:{west.proxy}?inClusterConfig=false&kubeletHttps=true&kubeletPort={west.port}&kubeletInsecureTLS=true"
	listing      = "nodes and pods are still being listed"
)

// effects have every option of the language. Of most there is one that works because of the option, and one that does not.
var effects = []effect{
	{options: "auth", line: homeKubelets, nodes: 9},
	{options: "auth", line: "kubernetes:{home}?auth={home.kubeconfig}&kubeletCertificateAuthority={home.ca}", nodes: 9,
		note: "the address replaces the server of the kubeconfig"},
	{options: "auth", line: "kubernetes:{home}?auth={west.kubeconfig}", why: listing},
	{options: "cluster", line: homeKubelets + "&cluster=one-of-many", nodes: 9},
	{options: "insecure", line: "kubernetes:{home}?auth={home.stranger}&insecure=true", nodes: 9},
	{options: "insecure", line: "kubernetes:{home}?auth={home.stranger}&insecure=false", why: listing},
	{options: "nodeSelector", line: homeKubelets + "&nodeSelector=kubernetes.io/hostname+in+(node-0001,node-0002)", nodes: 2},
	{options: "nodeSelector", line: westKubelets + "&useNodeStatusPort=true&nodeSelector=kubernetes.io/hostname%21%3Dnode-0003", nodes: 5},
	{options: "kubeletHttps", line: "kubernetes?auth={home.kubeconfig}&kubeletHttps=false", nodes: 9},
	{options: "kubeletHttps", line: "kubernetes?auth={home.kubeconfig}&kubeletHttps=false&kubeletPort=10250", why: "9 status"},
	{options: "kubeletHttps", line: homeKubelets + "&kubeletHttps=true&kubeletPort=10255", why: "9 tls_plain"},
	{options: "kubeletPort", line: westKubelets + "&kubeletPort={west.port}", nodes: 6},
	{options: "kubeletPort", line: homeKubelets + "&kubeletPort=1", why: "9 refused"},
	{options: "useNodeStatusPort", line: westKubelets + "&useNodeStatusPort=true", nodes: 6},
	{options: "useNodeStatusPort", line: westKubelets + "&useNodeStatusPort=false", why: "6 refused"},
	{options: "addressTypes", line: homeKubelets + "&addressTypes=ExternalIP,InternalIP", nodes: 9},
	{options: "addressTypes", line: homeKubelets + "&addressTypes=ExternalIP", why: "9 no_address"},
	{options: "kubeletAllowLocalAddresses", line: homeKubelets + "&kubeletAllowLocalAddresses=true", nodes: 9},
	{options: "kubeletAllowLocalAddresses", line: homeKubelets + "&kubeletAllowLocalAddresses=false", why: "9 refused_address"},
	{options: "kubeletCertificateAuthority", line: homeKubelets, nodes: 9},
	{options: "kubeletCertificateAuthority", line: "kubernetes?auth={home.kubeconfig}&kubeletCertificateAuthority={west.ca}",
		why: "9 tls_unknown_authority"},
	{options: "kubeletInsecureTLS", line: "kubernetes?auth={home.kubeconfig}&kubeletInsecureTLS=true", nodes: 9},
	{options: "kubeletInsecureTLS", line: "kubernetes?auth={home.kubeconfig}&kubeletInsecureTLS=false", why: "9 tls_unknown_authority"},
	{options: "kubeletVerify", line: homeKubelets + "&kubeletVerify=node-name", nodes: 9},
	{options: "kubeletVerify", line: "kubernetes?auth={home.stranger}&insecure=true&kubeletVerify=node-name", why: "9 tls_unknown_authority"},
	{options: "kubeletClientCertificate kubeletClientKey",
		line: westProxy + "&kubeletClientCertificate={west.cert}&kubeletClientKey={west.key}", nodes: 6},
	{options: "inClusterConfig kubeletHttps", line: westProxy, why: "6 unauthenticated"},
	{options: "requestTimeout", line: westKubelets + "&useNodeStatusPort=true&requestTimeout=4s&nodeSelector=" + slow, nodes: 1},
	{options: "requestTimeout", line: westKubelets + "&useNodeStatusPort=true&requestTimeout=300ms&nodeSelector=" + slow, why: "1 timeout"},
	{options: "resolution", line: homeKubelets + "&resolution=10s", nodes: 9},
	{options: "host_id_annotation", line: homeKubelets + "&host_id_annotation=id", nodes: 9, note: "host_id_annotation has no effect"},
	{inPod: true, options: "inClusterConfig", line: "kubernetes:{home}?inClusterConfig=true&kubeletCertificateAuthority={home.ca}", nodes: 9},
	{inPod: true, options: "inClusterConfig", line: "kubernetes:{home}?inClusterConfig=false&kubeletCertificateAuthority={home.ca}", why: listing},
	{inPod: true, options: "useServiceAccount", nodes: 9,
		line: "kubernetes:{home}?inClusterConfig=false&useServiceAccount=true&kubeletCertificateAuthority={home.ca}"},
	{inPod: true, options: "useServiceAccount", why: listing,
		line: "kubernetes:{home}?inClusterConfig=false&useServiceAccount=false&kubeletCertificateAuthority={home.ca}"},
}
