package source

import "time"

// Option is one option of the language, as it is written after the question mark: Name=VALUE.
type Option struct {
	// Name is written as here; upper and lower case differ.
	Name string
	// Values describes which values the option accepts.
	Values string
	// Default describes the value that applies where a source does not give the option.
	Default string
	// Meaning is one sentence on the effect.
	Meaning string
}

// subject is what an option is about. A rule between options concerns one or two subjects.
type subject uint8

const (
	noSubject subject = iota
	access
	cluster
	kubelets
	nodes
	times
	subjects
)

type option struct {
	Option
	subject subject
	set     setter
}

const (
	boolValues = "true or false"
	fileValues = "a file"
	timeValues = "a duration, such as 30s"
)

// table has every option, in the order of docs/sources.md.
var table = []option{
	{Option{"inClusterConfig", boolValues, "true; false with auth, or where --kubeconfig is given for the home cluster",
		"Reach the API server with the configuration that a pod of the cluster has."},
		access, toBool(func(v *values) **bool { return &v.inCluster })},
	{Option{"auth", fileValues, "none; --kubeconfig in the home cluster",
		"Reach the API server by this kubeconfig."},
		access, setAuth},
	{Option{"useServiceAccount", boolValues, "false",
		"Send the token that is mounted into the pod to the API server and the kubelets, in place of other credentials."},
		access, toBool(func(v *values) **bool { return &v.useServiceAccount })},
	{Option{"insecure", boolValues, "false",
		"Accept any certificate from the API server, and from kubelets unless another option decides how theirs are verified."},
		access, toBool(func(v *values) **bool { return &v.insecure })},
	{Option{"cluster", "a DNS label", "the home cluster",
		"Name of the cluster whose API server this is. Its usage is served apart from that of the home cluster."},
		cluster, setCluster},
	{Option{"nodeSelector", "a label selector; empty for every node", "--node-selector",
		"Scrape only the nodes that match. A node belongs to the first source of its cluster that selects it."},
		nodes, setNodeSelector},
	{Option{"kubeletHttps", boolValues, "true; false with --deprecated-kubelet-completely-insecure, kubeletPort=10255 or an http:// address",
		"Scrape kubelets over https. Over http no credentials are sent."},
		kubelets, toBool(func(v *values) **bool { return &v.https })},
	{Option{"kubeletPort", "a port, 1 to 65535", "--kubelet-port; 10255 with kubeletHttps=false or an http:// address, where that flag says 10250",
		"Port of every kubelet."},
		kubelets, setPort},
	{Option{"useNodeStatusPort", boolValues, "--kubelet-use-node-status-port without kubeletPort, over https or with --deprecated-kubelet-completely-insecure; else false",
		"Take the port from each Node's status."},
		kubelets, toBool(func(v *values) **bool { return &v.useNodeStatusPort })},
	{Option{"addressTypes", "types of node address, with commas", "--kubelet-preferred-address-types",
		"Try the addresses of a Node in the order of these types."},
		kubelets, setAddressTypes},
	{Option{"kubeletAllowLocalAddresses", boolValues, "--kubelet-allow-local-addresses",
		"Accept loopback, link-local and multicast addresses of nodes, as simulated kubelets have."},
		kubelets, toBool(func(v *values) **bool { return &v.allowLocalAddresses })},
	{Option{"kubeletCertificateAuthority", fileValues, "--kubelet-certificate-authority",
		"Certificate authorities that sign the kubelets' certificates. Turns --kubelet-insecure-tls off for the source."},
		kubelets, toFile(func(v *values) *string { return &v.caFile })},
	{Option{"kubeletClientCertificate", fileValues, "--kubelet-client-certificate",
		"Client certificate to present to kubelets. Needs kubeletClientKey."},
		kubelets, toFile(func(v *values) *string { return &v.certFile })},
	{Option{"kubeletClientKey", fileValues, "--kubelet-client-key",
		"Key of kubeletClientCertificate."},
		kubelets, toFile(func(v *values) *string { return &v.keyFile })},
	{Option{"kubeletInsecureTLS", boolValues, "--kubelet-insecure-tls; true with insecure=true",
		"Accept any certificate from kubelets."},
		kubelets, toBool(func(v *values) **bool { return &v.insecureTLS })},
	{Option{"requestTimeout", timeValues + ", below the resolution", "--kubelet-request-timeout, at most nine tenths of the resolution",
		"Longest time for one request to a kubelet."},
		times, toDuration(func(v *values) *time.Duration { return &v.requestTimeout }, 1, "above 0, such as 10s")},
	{Option{"resolution", timeValues + ", at least 5s", "--metric-resolution",
		"Time from one scrape of a node to the next."},
		times, toDuration(func(v *values) *time.Duration { return &v.resolution }, MinResolution, "of at least "+MinResolution.String()+", such as 30s")},
	{Option{"host_id_annotation", "the name of an annotation", "none",
		"Has no effect: accepted because Heapster had it."},
		noSubject, func(v *values, _ string) error { v.hostIDAnnotation = true; return nil }},
}

// Options returns every option of the language, in the order of docs/sources.md.
func Options() []Option {
	options := make([]Option, 0, len(table))
	for _, o := range table {
		options = append(options, o.Option)
	}
	return options
}

// optionNamed returns the option, or the zero option where there is none of the name.
func optionNamed(name string) (named option) {
	for _, o := range table {
		if o.Name == name {
			named = o
		}
	}
	return named
}

func optionNames() []string {
	names := make([]string, 0, len(table))
	for _, o := range table {
		names = append(names, o.Name)
	}
	return names
}
