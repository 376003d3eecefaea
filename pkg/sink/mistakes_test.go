package sink_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sink"
)

const (
	fourPrefixes  = "write influxdb, otlp, prometheus or log"
	common        = "user, pw, pwFile, token, tokenFile, headers, tenant, caFile, certFile, keyFile, insecuressl, timeout, queue, concurrency, cluster_name, "
	ofInfluxDB    = common + "db, retention, bucket, org, secure, interval, withfields, disable_counter_metrics, disable_summary_metrics"
	ofOTLP        = common + "compression, attributes"
	ofRemoteWrite = common + "version, labels"
	collector     = "write otlp:URL to an OpenTelemetry Collector, which has an exporter for it"
	telegraf      = "write influxdb:URL to a Telegraf, which has an output for it"
	noScheme      = " does not begin with http:// or https://: write one of these before HOST:PORT"
	noUser        = " has a user or password before the @ of a URL: give them by user=NAME and pwFile=FILE"
	noBool        = " must be true or false"
	noFile        = " must name a file: leave the option out for its default"
	noPairs       = " with commas between them, and each name once"
	noRetention   = " must be 0 for ever, or a duration of at least 1h, such as 30d"
	noQueue       = " must be an amount of memory of at least 1Mi, such as 64Mi"
)

func TestParseMistakes(t *testing.T) {
	for _, tc := range []struct {
		in string
		// want are the messages, with "…" for the word sink and the quoted value.
		want []string
	}{
		// Prefixes.
		{"", []string{`… has no prefix: ` + fourPrefixes}},
		{"Influxdb:", []string{`… has the unknown prefix "Influxdb": ` + fourPrefixes}},
		{"http://h", []string{`… has the unknown prefix "http": ` + fourPrefixes}},
		{"elasticsearch:?nodes=x", []string{`…: Plimsoll does not have Heapster's sink elasticsearch: ` + collector}},
		{"kafka:?brokers=x", []string{`…: Plimsoll does not have Heapster's sink kafka: ` + collector}},
		{"gcm", []string{`…: Plimsoll does not have Heapster's sink gcm: ` + collector}},
		{"stackdriver:", []string{`…: Plimsoll does not have Heapster's sink stackdriver: ` + collector}},
		{"graphite:tcp://h:2003", []string{`…: Plimsoll does not have Heapster's sink graphite: ` + telegraf + ", or influxdb:URL to VictoriaMetrics"}},
		{"opentsdb:http://h", []string{`…: Plimsoll does not have Heapster's sink opentsdb: ` + telegraf + ", or influxdb:URL to VictoriaMetrics"}},
		{"statsd:udp://h:8125", []string{`…: Plimsoll does not have Heapster's sink statsd: write influxdb:URL to VictoriaMetrics or a Telegraf, or otlp:URL to an OpenTelemetry Collector, which keep the times of the values`}},
		{"wavefront:x", []string{`…: Plimsoll does not have Heapster's sink wavefront: ` + telegraf}},
		{"riemann:x", []string{`…: Plimsoll does not have Heapster's sink riemann: ` + telegraf}},
		{"librato:x", []string{`…: Plimsoll does not have Heapster's sink librato: ` + telegraf}},
		{"hawkular:x", []string{`…: Plimsoll does not have Heapster's sink hawkular: it is no longer developed: write prometheus:URL to Prometheus or what speaks its remote write`}},
		{"honeycomb:x", []string{`…: Plimsoll does not have Heapster's sink honeycomb: write otlp:https://api.honeycomb.io?headers=x-honeycomb-team=$KEY, with the key in a variable of the environment`}},
		{"gcl", []string{`…: Plimsoll does not have Heapster's sink gcl: it exported events, which Plimsoll does not read`}},

		// Variables and quotes.
		{"influxdb:http://$NOPE", []string{`… names the variable NOPE, which is not set: set it in Plimsoll's environment, or write %24 for a dollar sign`}},
		{"influxdb:'http://h", []string{`…: the address "'http://h" has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for "`}},

		// Addresses.
		{"influxdb:monitoring-influxdb:8086", []string{`…: the address "monitoring-influxdb:8086"` + noScheme}},
		{"influxdb:10.0.0.1:8086", []string{`…: the address "10.0.0.1:8086"` + noScheme}},
		{"influxdb:udp://h", []string{`…: the address "udp://h" has another scheme than http and https: write one of these`}},
		{"influxdb:http://", []string{`…: the address "http://" names no host: write http://HOST:PORT`}},
		{"influxdb:http://h:99999", []string{`…: the address "http://h:99999" has an invalid port: write one from 1 to 65535, or none`}},
		{"influxdb:grpc://h", []string{`…: the address "grpc://h" has another scheme than http and https: write one of these`}},
		{"otlp:collector:4317", []string{`…: the address "collector:4317" does not begin with http:// or https:// or grpc:// or grpcs://: write one of these before HOST:PORT`}},
		{"prometheus", []string{`… has no address: write that of the receiver with its path, such as prometheus:http://HOST:9090/api/v1/write`}},
		{"prometheus:x", []string{`…: the address "x"` + noScheme}},
		{"prometheus:http://h:9090/", []string{`…: the address "http://h:9090/" has no path: write that of the receiver, such as /api/v1/write of Prometheus`}},
		{"influxdb:http://h:8428/write/?db=d", []string{`…: the address "http://h:8428/write/" ends in /write, which is added: leave it out`}},
		{"otlp:grpc://h/v1/metrics", []string{`…: the address "grpc://h/v1/metrics" has a path, which OTLP/gRPC does not have: leave it out, or write http:// or https:// for OTLP/HTTP`}},
		{"log:http://h", []string{`…: the sink log has no address: leave out "http://h"`}},
		{"metric:x", []string{`…: the sink metric has no address: leave out "x"`}},
		{"influxdb:http://h#x", []string{`… has a fragment, which has no meaning for a server: leave out the # and what follows it, or write %23 for the sign itself`}},

		// Options.
		{"influxdb?dbname=x", []string{`… has the unknown option "dbname": allowed are ` + ofInfluxDB}},
		{"influxdb?cluster-name=x", []string{`… has the unknown option "cluster-name": did you mean cluster_name? Allowed are ` + ofInfluxDB}},
		{"otlp:http://h?withfields=true", []string{`… has the unknown option "withfields": allowed are ` + ofOTLP}},
		{"prometheus:http://h/w?db=x", []string{`… has the unknown option "db": allowed are ` + ofRemoteWrite}},
		{"log?queue=1Mi", []string{`… has the unknown option "queue": allowed are cluster_name, lines`}},
		{"metric?x=1", []string{`… has the unknown option "x": it has no options`}},
		{"influxdb?withfields=yes", []string{`…: withfields="yes"` + noBool}},
		{"influxdb?secure=yes", []string{`…: secure="yes"` + noBool}},
		{"influxdb?concurrency=0", []string{`…: concurrency="0" must be a number from 1 to 64`}},
		{"influxdb?concurrency=65", []string{`…: concurrency="65" must be a number from 1 to 64`}},
		{"influxdb?queue=1", []string{`…: queue="1"` + noQueue}},
		{"influxdb?queue=x", []string{`…: queue="x"` + noQueue}},
		{"influxdb?queue=9999999Gi", []string{`…: queue="9999999Gi"` + noQueue}},
		{"influxdb?timeout=10", []string{`…: timeout="10" must be a duration of at least 1ms, such as 10s`}},
		{"influxdb?retention=5m", []string{`…: retention="5m"` + noRetention}},
		{"influxdb?retention=30", []string{`…: retention="30"` + noRetention}},
		{"influxdb?interval=60", []string{`…: interval="60" must be a duration such as 1m, or 0 for each sample`}},
		{"influxdb?interval=-1s", []string{`…: interval="-1s" must be a duration such as 1m, or 0 for each sample`}},
		{"influxdb?db=", []string{`…: db="" must not be empty: leave the option out for its default`}},
		{"influxdb?db=a%0ab", []string{`…: db="a\nb" must be text without control characters`}},
		{"influxdb:https://h?caFile=", []string{`…: caFile=""` + noFile}},
		{"influxdb:https://h?pwFile=https://x", []string{`…: pwFile="https://x" must name a file, not a URL`}},
		{"otlp?compression=zip", []string{`…: compression="zip" must be gzip or none`}},
		{"otlp?attributes=a", []string{`…: attributes="a" must be NAME=VALUE pairs` + noPairs}},
		{"otlp?attributes=a=b,k8s.pod.name=p", []string{`…: attributes="a=b,k8s.pod.name=p" must not have k8s.pod.name, which each object has of itself`}},
		{"prometheus:http://h/w?labels=node=n", []string{`…: labels="node=n" must not have node, which each object has of itself`}},
		{"influxdb?cluster_name=%ff", []string{`…: cluster_name="\xff" must be text without control characters`}},
		{"prometheus:http://h/w?version=3", []string{`…: version="3" must be 1.0 or 2.0`}},
		{"prometheus:http://h/w?labels=a-b=c", []string{`…: labels="a-b=c" must be LABEL=VALUE pairs` + noPairs}},
		{"prometheus:http://h/w?labels=__name__=c", []string{`…: labels="__name__=c" must be LABEL=VALUE pairs` + noPairs}},
		{"prometheus:http://h/w?labels=a=1,a=2", []string{`…: labels="a=1,a=2" must be LABEL=VALUE pairs` + noPairs}},
		{"log?lines=0", []string{`…: lines="0" must be a number of lines a minute, from 1 to 1000000`}},

		// Options that contradict each other.
		{"influxdb:http://h?secure=true", []string{`…: secure=true contradicts the scheme of the address: write https:// for TLS or http:// for none, and leave secure out`}},
		{"influxdb:https://h?secure=false", []string{`…: secure=false contradicts the scheme of the address: write https:// for TLS or http:// for none, and leave secure out`}},
		{"influxdb?db=a&bucket=b", []string{`…: db and bucket contradict each other: leave out one`}},
		{"influxdb?retention=1h&bucket=b", []string{`…: retention and bucket contradict each other: leave out one`}},
		{"influxdb?org=o", []string{`…: org needs bucket too`}},
		{"influxdb?pwFile=/p&tokenFile=/t", []string{`…: a password and a token contradict each other: leave out one`}},
		{"otlp:https://h?pwFile=/p", []string{`…: a password needs user too`}},
		{"otlp:https://h?user=u", []string{`…: user needs pwFile too`}},
		{"prometheus:https://h/w?certFile=/c", []string{`…: certFile needs keyFile too`}},
		{"prometheus:https://h/w?keyFile=/c", []string{`…: keyFile needs certFile too`}},
		{"prometheus:https://h/w?insecuressl=true&caFile=/c", []string{`…: insecuressl=true and caFile contradict each other: leave out one`}},
		{"prometheus:http://h/w?caFile=/c", []string{`…: the address begins with http://, so caFile and certFile cannot take effect: leave them out, or write https://`}},

		// All at once; none about what could not be parsed.
		{"influxdb:h?withfields=a&concurrency=b&nope=1&certFile=/c&keyFile=", []string{
			`…: the address "h"` + noScheme, `…: withfields="a"` + noBool, `…: concurrency="b" must be a number from 1 to 64`,
			`… has the unknown option "nope": allowed are ` + ofInfluxDB, `…: keyFile=""` + noFile,
		}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := sink.ParseAll([]string{tc.in}, environment.lookup)
			want := make([]string, 0, len(tc.want))
			for _, message := range tc.want {
				want = append(want, strings.Replace(message, "…", "sink "+strconv.Quote(tc.in), 1))
			}
			checkMessages(t, err, want)
			if got != nil {
				t.Errorf("sinks in addition to an error: %v", got)
			}
		})
	}
}

func TestAllMistakesOfAllSinks(t *testing.T) {
	_, err := sink.ParseAll([]string{"log", "x", "influxdb?db=", "log"}, environment.lookup)
	checkMessages(t, err, []string{
		`sink "x" has the unknown prefix "x": ` + fourPrefixes,
		`sink "influxdb?db=": db="" must not be empty: leave the option out for its default`,
		`sink "log" is given twice: everything would be written twice`,
	})
}

func TestMistakesInTheEnvironment(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "must be grpc or http/protobuf"},
		{"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "10s", "must be a number of milliseconds above 0"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "must be gzip or none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318", "does not begin with http:// or https:// or grpc:// or grpcs://: write one of these before HOST:PORT"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "sesame", "must be HEADER=VALUE pairs with commas between them, and each name once"},
		{"OTEL_RESOURCE_ATTRIBUTES", "a=%z", "must be NAME=VALUE pairs with commas between them, and each name once"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := sink.ParseAll([]string{"otlp"}, variables{tc.name: tc.value}.lookup)
			checkMessages(t, err, []string{`sink "otlp": the variable ` + tc.name + " " + tc.want})
		})
	}
}

// TestNoMessageRepeatsASecret.
func TestNoMessageRepeatsASecret(t *testing.T) {
	for _, tc := range []struct{ in, redacted, want string }{
		{"influxdb:http://u:sesame@h", "influxdb:http://REDACTED@h", noUser},
		{"influxdb:http://h?pw=sesame&db=", "influxdb:http://h?pw=REDACTED&db=", `: db="" must not be empty: leave the option out for its default`},
		{"influxdb:http://h?pw=sesame&pwFile=/p", "influxdb:http://h?pw=REDACTED&pwFile=/p", ": pw and pwFile contradict each other: leave out one"},
		{"influxdb:http://h?token=sesame&tokenFile=/p", "influxdb:http://h?token=REDACTED&tokenFile=/p", ": token and tokenFile contradict each other: leave out one"},
		{"influxdb:http://h?bucket=b&token=", "influxdb:http://h?bucket=b&token=REDACTED", ": token must not be empty: leave the option out for its default"},
		{"otlp:http://h?headers=Authorization=sesame&tokenFile=/p", "otlp:http://h?headers=REDACTED&tokenFile=/p", ": token and the header Authorization contradict each other: leave out one"},
		{"otlp:http://h?headers=sesame", "otlp:http://h?headers=REDACTED", ": headers must be HEADER=VALUE pairs" + noPairs},
		{"otlp:http://h?headers=X-Scope-OrgID=a&tenant=b", "otlp:http://h?headers=REDACTED&tenant=b", ": tenant and the header X-Scope-OrgID contradict each other: leave out one"},
		{"otlp:http://h?password=sesame", "otlp:http://h?password=REDACTED", ` has the unknown option "password": allowed are ` + ofOTLP},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := sink.ParseAll([]string{tc.in}, environment.lookup)
			checkMessages(t, err, []string{"sink " + strconv.Quote(tc.redacted) + tc.want})
		})
	}
}
