package sink

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// option is one option of the language, written after the question mark as name=VALUE. Upper and lower case differ.
type option struct {
	name  string
	kinds []Kind
	set   func(v *values, value string) error
}

var (
	network  = []Kind{InfluxDB, OTLP, RemoteWrite}
	influxDB = []Kind{InfluxDB}
	otlp     = []Kind{OTLP}
	remote   = []Kind{RemoteWrite}
)

// table has every option, in the order of docs/sinks.md, which describes them.
var table = []option{
	{"user", network, toText(func(v *values) *string { return &v.User })},
	{"pw", network, toText(func(v *values) *string { return &v.Password })},
	{"pwFile", network, toFile(func(v *values) *string { return &v.PasswordFile })},
	{"token", network, toText(func(v *values) *string { return &v.Token })},
	{"tokenFile", network, toFile(func(v *values) *string { return &v.TokenFile })},
	{"headers", network, toPairs(func(v *values) *map[string]string { return &v.Headers }, headerPairs)},
	{"tenant", network, toText(func(v *values) *string { return &v.tenant })},
	{"caFile", network, toFile(func(v *values) *string { return &v.CAFile })},
	{"certFile", network, toFile(func(v *values) *string { return &v.CertFile })},
	{"keyFile", network, toFile(func(v *values) *string { return &v.KeyFile })},
	{"insecuressl", network, toBool(func(v *values) *bool { return &v.Insecure })},
	{"timeout", network, setTimeout},
	{"queue", network, setQueue},
	{"concurrency", network, setConcurrency},
	{"cluster_name", []Kind{InfluxDB, OTLP, RemoteWrite, Log}, toText(func(v *values) *string { return &v.cluster })},

	{"db", influxDB, toText(func(v *values) *string { return &v.influxDB.Database })},
	{"retention", influxDB, setRetention},
	{"bucket", influxDB, toText(func(v *values) *string { return &v.influxDB.Bucket })},
	{"org", influxDB, toText(func(v *values) *string { return &v.influxDB.Organization })},
	{"secure", influxDB, setSecure},
	{"interval", influxDB, setInterval},
	{"withfields", influxDB, toBool(func(v *values) *bool { return &v.influxDB.WithFields })},
	{"disable_counter_metrics", influxDB, toBool(func(v *values) *bool { return &v.influxDB.DisableCounterMetrics })},
	{"disable_summary_metrics", influxDB, toBool(func(v *values) *bool { return &v.influxDB.DisableSummaryMetrics })},

	{"compression", otlp, setCompression},
	{"attributes", otlp, toPairs(func(v *values) *map[string]string { return &v.attributes }, attributePairs)},

	{"version", remote, setVersion},
	{"labels", remote, toPairs(func(v *values) *map[string]string { return &v.labels }, labelPairs)},

	{"lines", []Kind{Log}, setLines},
}

// language is what flagvalue knows of the values of --sink.
var language = flagvalue.NewLanguage("sink", OptionNames(), []string{"pw", "token", "headers"})

// OptionNames returns the names of all options of the language, in the order of docs/sinks.md.
func OptionNames() (names []string) {
	for _, o := range table {
		names = append(names, o.name)
	}
	return names
}

// optionNames are those of the options that a kind has.
func optionNames(k Kind) (names []string) {
	for _, o := range table {
		if slices.Contains(o.kinds, k) {
			names = append(names, o.name)
		}
	}
	return names
}

func optionNamed(name string) option {
	return table[slices.IndexFunc(table, func(o option) bool { return o.name == name })]
}
