package source

import "slices"

// Option is one option of the language, as it is written after the question mark: Name=VALUE.
type Option struct {
	// Name is written as here; upper and lower case differ.
	Name string
	// Values says what it takes.
	Values string
	// Default says what holds where a source does not give it.
	Default string
	// Meaning is a sentence.
	Meaning string
}

// subject is what an option is about. Rules between options concern one subject, or few.
type subject uint8

const (
	access subject = iota
	cluster
	kubelets
	nodes
	times
	nothing
	subjects
)

type option struct {
	Option
	about subject
	set   setter
}

const (
	boolValues = "true or false"
	fileValues = "a file"
	timeValues = "a duration, such as 30s"
)

// table has every option, in the order of the documentation.
var table = []option{
	{Option{"inClusterConfig", boolValues, "true; false with auth, or where --kubeconfig is given for the home cluster",
		"Reach the API server with the configuration that a pod of the cluster has."},
		access, toBool(func(s *statement) **bool { return &s.inCluster })},
	{Option{"auth", fileValues, "none; --kubeconfig in the home cluster",
		"Reach the API server by this kubeconfig."},
		access, setAuth},
	{Option{"useServiceAccount", boolValues, "false",
		"Show the API server and the kubelets the token that is mounted into the pod, in place of other credentials."},
		access, toBool(func(s *statement) **bool { return &s.useServiceAccount })},
	{Option{"insecure", boolValues, "false",
		"Accept any certificate from the API server, and from kubelets unless another option says how to verify theirs."},
		access, toBool(func(s *statement) **bool { return &s.insecure })},
	{Option{"cluster", "a DNS label", "the home cluster",
		"Name of the cluster whose API server this is. Its numbers are served apart from those of the home cluster."},
		cluster, setCluster},
	{Option{"nodeSelector", "a label selector; empty for every node", "--node-selector",
		"Ask only the nodes that match. A node belongs to the first source of its cluster that selects it."},
		nodes, setNodeSelector},
	{Option{"kubeletHttps", boolValues, "true; false with --deprecated-kubelet-completely-insecure, kubeletPort=10255 or an http:// address",
		"Ask kubelets over https. Over http no credentials are sent."},
		kubelets, toBool(func(s *statement) **bool { return &s.https })},
	{Option{"kubeletPort", "a port, 1 to 65535", "--kubelet-port; 10255 with kubeletHttps=false or an http:// address, where that flag says 10250",
		"Port of every kubelet."},
		kubelets, setPort},
	{Option{"useNodeStatusPort", boolValues, "--kubelet-use-node-status-port without kubeletPort, over https or with --deprecated-kubelet-completely-insecure; else false",
		"Take the port from each Node's status."},
		kubelets, toBool(func(s *statement) **bool { return &s.useNodeStatusPort })},
	{Option{"addressTypes", "types of node address, with commas", "--kubelet-preferred-address-types",
		"Try the addresses of a Node in the order of these types."},
		kubelets, setAddressTypes},
	{Option{"kubeletAllowLocalAddresses", boolValues, "--kubelet-allow-local-addresses",
		"Accept loopback, link-local and multicast addresses of nodes, as simulated kubelets have."},
		kubelets, toBool(func(s *statement) **bool { return &s.allowLocalAddresses })},
	{Option{"kubeletCertificateAuthority", fileValues, "--kubelet-certificate-authority",
		"Certificate authorities that sign the kubelets' certificates. Turns --kubelet-insecure-tls off for the source."},
		kubelets, toFile(func(s *statement) *string { return &s.caFile })},
	{Option{"kubeletClientCertificate", fileValues, "--kubelet-client-certificate",
		"Client certificate to show to kubelets. Needs kubeletClientKey."},
		kubelets, toFile(func(s *statement) *string { return &s.certFile })},
	{Option{"kubeletClientKey", fileValues, "--kubelet-client-key",
		"Key of kubeletClientCertificate."},
		kubelets, toFile(func(s *statement) *string { return &s.keyFile })},
	{Option{"kubeletInsecureTLS", boolValues, "--kubelet-insecure-tls; true with insecure=true",
		"Accept any certificate from kubelets."},
		kubelets, toBool(func(s *statement) **bool { return &s.insecureTLS })},
	{Option{"requestTimeout", timeValues + ", below the resolution", "--kubelet-request-timeout, at most nine tenths of the resolution",
		"Longest time for one request to a kubelet."},
		times, setRequestTimeout},
	{Option{"resolution", timeValues + ", at least 5s", "--metric-resolution",
		"Time from one scrape of a node to the next."},
		times, setResolution},
	{Option{"host_id_annotation", "the name of an annotation", "none",
		"Has no effect: taken because Heapster had it."},
		nothing, setHostIDAnnotation},
}

// Options returns every option of the language, in the order of the documentation.
func Options() []Option {
	options := make([]Option, 0, len(table))
	for _, o := range table {
		options = append(options, o.Option)
	}
	return options
}

func optionNamed(name string) (option, bool) {
	i := slices.IndexFunc(table, func(o option) bool { return o.Name == name })
	if i < 0 {
		return option{}, false
	}
	return table[i], true
}

func optionNames() []string {
	names := make([]string, 0, len(table))
	for _, o := range table {
		names = append(names, o.Name)
	}
	return names
}
