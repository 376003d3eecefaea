package source

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// subject is what an option is about. A rule between options concerns one or two subjects.
type subject uint8

const (
	noSubject subject = iota
	access
	cluster
	kubelets
	engines
	nodes
	times
	subjects
)

// option is one option of the language, written after the question mark as name=VALUE. Upper and lower case differ.
type option struct {
	name    string
	subject subject
	set     setter
}

// table has every option, in the order of docs/sources.md, which describes them.
var table = []option{
	{"inClusterConfig", access, toBool(func(v *values) **bool { return &v.inCluster })},
	{"auth", access, setAuth},
	{"useServiceAccount", access, toBool(func(v *values) **bool { return &v.useServiceAccount })},
	{"insecure", access, toBool(func(v *values) **bool { return &v.insecure })},
	{"cluster", cluster, setCluster},
	{"nodeSelector", nodes, setNodeSelector},
	{"kubeletHttps", kubelets, toBool(func(v *values) **bool { return &v.https })},
	{"kubeletPort", kubelets, setPort},
	{"useNodeStatusPort", kubelets, toBool(func(v *values) **bool { return &v.useNodeStatusPort })},
	{"addressTypes", kubelets, setAddressTypes},
	{"kubeletAllowLocalAddresses", kubelets, toBool(func(v *values) **bool { return &v.allowLocalAddresses })},
	{"kubeletCertificateAuthority", kubelets, toFile(func(v *values) *string { return &v.caFile })},
	{"kubeletClientCertificate", kubelets, toFile(func(v *values) *string { return &v.certFile })},
	{"kubeletClientKey", kubelets, toFile(func(v *values) *string { return &v.keyFile })},
	{"kubeletInsecureTLS", kubelets, toBool(func(v *values) **bool { return &v.insecureTLS })},
	{"kubeletVerify", kubelets, setVerify},
	{"match", engines, setMatch},
	{"endpoint", engines, setEndpoint},
	{"nodeLabel", engines, toLabel(func(v *values) *string { return &v.engine.NodeLabel })},
	{"namespaceLabel", engines, toLabel(func(v *values) *string { return &v.engine.NamespaceLabel })},
	{"podLabel", engines, toLabel(func(v *values) *string { return &v.engine.PodLabel })},
	{"containerLabel", engines, toLabel(func(v *values) *string { return &v.engine.ContainerLabel })},
	{"replicaLabel", engines, setReplicaLabels},
	{"dedup", engines, toBool(func(v *values) **bool { return &v.dedup })},
	{"tenant", engines, setTenant},
	{"tokenFile", engines, toFile(func(v *values) *string { return &v.engine.TokenFile })},
	{"user", engines, setUser},
	{"pwFile", engines, toFile(func(v *values) *string { return &v.engine.PasswordFile })},
	{"caFile", engines, toFile(func(v *values) *string { return &v.engine.CAFile })},
	{"certFile", engines, toFile(func(v *values) *string { return &v.engine.CertFile })},
	{"keyFile", engines, toFile(func(v *values) *string { return &v.engine.KeyFile })},
	{"insecuressl", engines, toBool(func(v *values) **bool { return &v.insecuressl })},
	{"window", engines, toDuration(func(v *values) *time.Duration { return &v.engine.Window }, MinResolution, "of at least "+MinResolution.String()+", such as 2m")},
	{"latencyOffset", engines, setLatencyOffset},
	{"shardSize", engines, setShardSize},
	{"requestTimeout", times, toDuration(func(v *values) *time.Duration { return &v.requestTimeout }, 1, "above 0, such as 10s")},
	{"resolution", times, toDuration(func(v *values) *time.Duration { return &v.resolution }, MinResolution, "of at least "+MinResolution.String()+", such as 30s")},
	{"host_id_annotation", noSubject, func(v *values, _ string) error { v.hostIDAnnotation = true; return nil }},
}

// language is what flagvalue knows of the values of --source.
var language = flagvalue.NewLanguage("source", OptionNames(), nil).WithQuotesIn("match")

// optionNamed returns the option, or the zero option where there is none of the name.
func optionNamed(name string) (named option) {
	for _, o := range table {
		if o.name == name {
			named = o
		}
	}
	return named
}

// OptionNames returns the options, in the order of docs/sources.md, that a source of the kind may have.
func (k Kind) OptionNames() (names []string) {
	other := engines
	if k == Prometheus {
		other = kubelets
	}
	for _, o := range table {
		if o.subject != other && (o.subject != noSubject || k != Prometheus) {
			names = append(names, o.name)
		}
	}
	return names
}

// OptionNames returns the names of all options of the language, in the order of docs/sources.md.
func OptionNames() []string {
	names := make([]string, 0, len(table))
	for _, o := range table {
		names = append(names, o.name)
	}
	return names
}
