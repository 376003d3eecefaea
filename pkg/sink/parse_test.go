package sink_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sink"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		in      string
		kind    sink.Kind
		changes []change
	}{
		{"log", sink.Log, nil},
		{"log:", sink.Log, nil},
		{"log:''", sink.Log, nil},
		{"log?lines=5&cluster_name=east", sink.Log, []change{func(s *sink.Sink) { s.LinesPerMinute, s.Cluster = 5, "east" }}},
		{"metric", sink.Metric, nil},
		{"'metric:'", sink.Metric, nil},

		// Heapster's.
		{"influxdb", sink.InfluxDB, nil},
		{"influxdb:", sink.InfluxDB, nil},
		{"influxdb:http://monitoring-influxdb:80", sink.InfluxDB, []change{at("http://monitoring-influxdb:80")}},
		{"influxdb:http://monitoring-influxdb.kube-system.svc:8086", sink.InfluxDB, []change{at("http://monitoring-influxdb.kube-system.svc:8086")}},
		{"influxdb:'http://h:8086/'", sink.InfluxDB, []change{at("http://h:8086")}},
		{"influxdb:http://h:8086?user=u&pw=$PASSWORD&db=d&withfields=true&cluster_name=c&retention=0&insecuressl=false", sink.InfluxDB, []change{
			at("http://h:8086"), as("u", "a&b=c%'+;#"), func(s *sink.Sink) { s.Cluster = "c" },
			influx(func(i *sink.InfluxDBOptions) { i.Database, i.WithFields = "d", true }), notes(notePlain),
		}},
		{"influxdb:https://h?pw=sesame&disable_counter_metrics=true&concurrency=5&retention=30d&secure=true", sink.InfluxDB, []change{
			at("https://h"), as("root", "sesame"), func(s *sink.Sink) { s.Concurrency = 5 },
			influx(func(i *sink.InfluxDBOptions) { i.DisableCounterMetrics, i.Retention = true, 30*24*time.Hour }), notes(notePassword),
		}},
		{"influxdb?secure=true&insecuressl=true&retention=INF", sink.InfluxDB, []change{at("https://localhost:8086"), endpoint(func(e *sink.Endpoint) { e.Insecure = true })}},
		{"influxdb?interval=0", sink.InfluxDB, []change{influx(func(i *sink.InfluxDBOptions) { i.Interval = 0 })}},
		{"influxdb?disable_summary_metrics=true", sink.InfluxDB, []change{influx(func(i *sink.InfluxDBOptions) { i.DisableSummaryMetrics = true })}},
		{"influxdb?interval=5m", sink.InfluxDB, []change{influx(func(i *sink.InfluxDBOptions) { i.Interval = 5 * time.Minute })}},
		{"influxdb:http://$HOST:8086?$OPTIONS", sink.InfluxDB, []change{at("http://10.0.0.1:8086"), influx(func(i *sink.InfluxDBOptions) { i.Database, i.WithFields = "x", true })}},

		// InfluxDB 2 and 3.
		{"influxdb:https://h:8086/x?bucket=b&org=o&tokenFile=/t", sink.InfluxDB, []change{
			at("https://h:8086/x"), bearer("", "/t"), influx(func(i *sink.InfluxDBOptions) { i.Database, i.Bucket, i.Organization = "", "b", "o" }),
		}},
		{"influxdb?bucket=b&token=sesame", sink.InfluxDB, []change{bearer("sesame", ""), influx(func(i *sink.InfluxDBOptions) { i.Database, i.Bucket = "", "b" }), notes(noteToken)}},
		{"influxdb:http://victoria:8428?bucket=b", sink.InfluxDB, []change{
			at("http://victoria:8428"), as("", ""), influx(func(i *sink.InfluxDBOptions) { i.Database, i.Bucket = "", "b" }),
		}},
		{"influxdb:http://h?bucket=b&user=u&pwFile=/p", sink.InfluxDB, []change{
			at("http://h"), endpoint(func(e *sink.Endpoint) { e.User, e.Password, e.PasswordFile = "u", "", "/p" }),
			influx(func(i *sink.InfluxDBOptions) { i.Database, i.Bucket = "", "b" }), notes(notePlain),
		}},

		{"otlp", sink.OTLP, nil},
		{"otlp:http://collector:4318", sink.OTLP, []change{at("http://collector:4318/v1/metrics")}},
		{"otlp:https://h/api/v1/otlp/", sink.OTLP, []change{at("https://h/api/v1/otlp/v1/metrics")}},
		{"otlp:https://h/v1/metrics?compression=none", sink.OTLP, []change{at("https://h/v1/metrics"), otlp(func(o *sink.OTLPOptions) { o.Gzip = false })}},
		{"otlp:grpc://collector", sink.OTLP, []change{at("http://collector:4317"), otlp(func(o *sink.OTLPOptions) { o.GRPC = true })}},
		{"otlp:grpcs://[::1]:443?compression=gzip", sink.OTLP, []change{at("https://[::1]:443"), otlp(func(o *sink.OTLPOptions) { o.GRPC = true })}},
		{"otlp?headers=x-key=$PASSWORD,b=1%252B2&attributes=env=prod&tenant=t", sink.OTLP, []change{
			headers("x-key", "a&b=c%'+;#", "b", "1%2B2", "X-Scope-OrgID", "t"), otlp(func(o *sink.OTLPOptions) { o.Attributes = map[string]string{"env": "prod"} }),
		}},

		{"prometheus:http://h/api/v1/write", sink.RemoteWrite, nil},
		{"prometheus:http://h/api/v1/write?version=2.0&labels=region=eu,env=prod&timeout=5s&queue=64Mi", sink.RemoteWrite, []change{
			remote(func(r *sink.RemoteWriteOptions) {
				r.Version2, r.Labels = true, map[string]string{"region": "eu", "env": "prod"}
			}),
			func(s *sink.Sink) { s.Timeout, s.QueueBytes = 5*time.Second, 64<<20 },
		}},
		{"prometheus:https://h/w?version=1.0&user=u&pwFile=/p&caFile=/ca&certFile=/c&keyFile=/k&cluster_name=c", sink.RemoteWrite, []change{
			at("https://h/w"), func(s *sink.Sink) { s.Cluster = "c" },
			endpoint(func(e *sink.Endpoint) {
				e.User, e.PasswordFile, e.CAFile, e.CertFile, e.KeyFile = "u", "/p", "/ca", "/c", "/k"
			}),
		}},
		{"prometheus:http://h/api/v1/write?concurrency=2", sink.RemoteWrite, []change{func(s *sink.Sink) { s.Concurrency = 2 }, notes(noteOrder)}},
		{"prometheus:http://127.0.0.1/w?token=$HOST&tenant=t", sink.RemoteWrite, []change{at("http://127.0.0.1/w"), bearer("10.0.0.1", ""), headers("X-Scope-OrgID", "t")}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := sink.ParseAll([]string{tc.in}, environment.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]sink.Sink{plain(tc.kind, tc.in, tc.changes...)}, got); diff != "" {
				t.Errorf("sink (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNames gives several sinks of a kind.
func TestNames(t *testing.T) {
	sinks, err := sink.ParseAll([]string{"log", "influxdb", "influxdb:http://h", "otlp", "influxdb:http://i"}, environment.lookup)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sinks {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"log", "influxdb", "influxdb-2", "otlp", "influxdb-3"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if sinks, err := sink.ParseAll(nil, environment.lookup); sinks != nil || err != nil {
		t.Errorf("no value gives %v, %v", sinks, err)
	}
}

// TestEnvironment has the variables of OpenTelemetry stand in for what the sink does not give.
func TestEnvironment(t *testing.T) {
	for _, tc := range []struct {
		name    string
		in      string
		env     variables
		changes []change
	}{
		{"an endpoint of every signal", "otlp", variables{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c:4318"}, []change{at("https://c:4318/v1/metrics")}},
		{"one of metrics", "otlp", variables{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://c/v1/metrics", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://d"}, []change{at("https://c/v1/metrics")}},
		{"the sink's own", "otlp:http://e", variables{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, []change{at("http://e/v1/metrics")}},
		{"gRPC", "otlp", variables{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, []change{at("http://c:4317"), otlp(func(o *sink.OTLPOptions) { o.GRPC = true })}},
		{"gRPC without an endpoint", "otlp", variables{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"}, []change{at("http://localhost:4317"), otlp(func(o *sink.OTLPOptions) { o.GRPC = true })}},
		{"files", "otlp:https://c", variables{"OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/c", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/k"}, []change{
			at("https://c/v1/metrics"), endpoint(func(e *sink.Endpoint) { e.CAFile, e.CertFile, e.KeyFile = "/ca", "/c", "/k" }),
		}},
		{"the sink's own files", "otlp:https://c?caFile=/a&certFile=/b&keyFile=/d", variables{"OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/c", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/k"}, []change{
			at("https://c/v1/metrics"), endpoint(func(e *sink.Endpoint) { e.CAFile, e.CertFile, e.KeyFile = "/a", "/b", "/d" }),
		}},
		{"times and compression", "otlp", variables{"OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}, []change{
			func(s *sink.Sink) { s.Timeout = 1500 * time.Millisecond }, otlp(func(o *sink.OTLPOptions) { o.Gzip = false }),
		}},
		{"the sink's own times and compression", "otlp?timeout=2s&compression=gzip", variables{"OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}, []change{
			func(s *sink.Sink) { s.Timeout = 2 * time.Second },
		}},
		{"headers", "otlp?headers=a=1", variables{"OTEL_EXPORTER_OTLP_HEADERS": "A=2,b=x%20y"}, []change{headers("a", "1", "b", "x y")}},
		{"a token excludes another", "otlp?tokenFile=/t", variables{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic x"}, []change{bearer("", "/t"), headers()}},
		{"attributes", "otlp", variables{"OTEL_RESOURCE_ATTRIBUTES": "env=prod"}, []change{otlp(func(o *sink.OTLPOptions) { o.Attributes = map[string]string{"env": "prod"} })}},
		{"attributes of Plimsoll's own pod", "otlp", variables{"OTEL_RESOURCE_ATTRIBUTES": "env=prod,k8s.pod.name=plimsoll,k8s.cluster.name=east"}, []change{
			otlp(func(o *sink.OTLPOptions) { o.Attributes = map[string]string{"env": "prod"} }), func(s *sink.Sink) { s.Cluster = "east" },
		}},
		{"the sink's own attributes", "otlp?attributes=a=b", variables{"OTEL_RESOURCE_ATTRIBUTES": "env=prod"}, []change{otlp(func(o *sink.OTLPOptions) { o.Attributes = map[string]string{"a": "b"} })}},
		{"empty ones", "otlp", variables{"OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_EXPORTER_OTLP_TIMEOUT": ""}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := sink.ParseAll([]string{tc.in}, tc.env.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]sink.Sink{plain(sink.OTLP, tc.in, tc.changes...)}, got); diff != "" {
				t.Errorf("sink (-want +got):\n%s", diff)
			}
		})
	}
	got, err := sink.ParseAll([]string{"influxdb"}, variables{"OTEL_EXPORTER_OTLP_ENDPOINT": "x"}.lookup)
	if diff := cmp.Diff([]sink.Sink{plain(sink.InfluxDB, "influxdb")}, got); diff != "" || err != nil {
		t.Errorf("another sink reads the variables (-want +got):\n%s\n%v", diff, err)
	}
}
