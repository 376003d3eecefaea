package options_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// metricsServerArgs are the flags that metrics-server's own manifests give it, and what people add.
var metricsServerArgs = []string{
	"--cert-dir=/tmp", "--secure-port=10250", "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
	"--kubelet-use-node-status-port", "--metric-resolution=15s", "--kubelet-insecure-tls",
}

func TestValidateAcceptsMetricsServerArgs(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	for _, err := range parse(t, metricsServerArgs...).Validate() {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	f := newFiles(t)
	garbage, absent := f.path("garbage"), f.path("absent")
	for _, tc := range []struct {
		args string
		want []string // a part of each error, in any order
	}{
		{args: ""},
		{args: "--metric-resolution=5s"},
		{args: "--metric-resolution=4999ms", want: []string{"--metric-resolution=4.999s: must be at least 5s"}},
		{args: "--metric-resolution=10s --kubelet-request-timeout=1h"},
		{args: "--kubelet-request-timeout=0", want: []string{"--kubelet-request-timeout=0s: must be above 0"}},
		{args: "--max-age=0"},
		{args: "--extra-resources=swap,ephemeral-storage,pressure"},
		{args: "--extra-resources=swap,gpu", want: []string{`--extra-resources: "gpu" is unknown; allowed are ephemeral-storage, pod, pressure, swap`}},
		{args: "--max-age=60s"},
		{args: "--max-age=59s", want: []string{"--max-age=59s: must be 0, or at least --metric-resolution (1m0s)"}},
		{args: "--max-age=-1s", want: []string{"--max-age=-1s: must be 0"}},
		{args: "--node-selector=a=b,c!=d,e"},
		{args: "-l a==,,", want: []string{"--node-selector=a==,,: must be a label selector: "}},
		{args: "--source=kubernetes.summary_api:''"},
		{args: "--source=influxdb:x --source=kubernetes", want: []string{`--source "influxdb:x" has the unknown prefix "influxdb"`}},
		{args: "--source=kubernetes:https://10.0.0.1"},
		{args: "--source=kubernetes?cluster=a", want: []string{`--source "kubernetes?cluster=a": cluster="a" needs the address of its API server`}},
		{args: "--sink=log --sink=influxdb:https://h?caFile=" + f.path("cert.pem") + "&pwFile=" + f.path("key.pem")},
		{args: "--sink=influxdb:x --sink=kafka: --sink=otlp:https://h?tokenFile=" + absent + "&caFile=" + garbage, want: []string{
			`--sink "influxdb:x": the address "x" does not begin with http://`, `--sink "kafka:": Plimsoll does not have Heapster's sink kafka`,
			`: tokenFile=` + absent + `: must be a file with the secret: `, `: caFile=` + garbage + `: must be a file of PEM certificates: `,
		}},
		{args: "--source=prometheus:https://h?tokenFile=" + absent + "&caFile=" + garbage, want: []string{
			`: tokenFile=` + absent + `: must be a file with the secret: `, `: caFile=` + garbage + `: must be a file of PEM certificates: `,
		}},
		{args: "--sink=log?cluster_name=west --source=kubernetes?cluster=west&auth=" + f.kubeconfig("t")},
		{args: "--sink=log --sink=log?cluster_name=west --sink=influxdb:http://h --source=kubernetes --source=kubernetes?cluster=west&auth=" + f.kubeconfig("t") +
			" --source=kubernetes?cluster=default&auth=" + f.kubeconfig("t"), want: []string{
			`--sink "log?cluster_name=west": the home cluster would have the name of another cluster, "west"`,
			`--sink "influxdb:http://h": the home cluster would have the name of another cluster, "default"`,
		}},
		{args: "--sink=otlp:https://h?user=u&pwFile=" + f.path("cert.pem") + "&certFile=" + garbage + "&keyFile=" + garbage, want: []string{`must be a PEM certificate and its key`}},
		{args: "--source=kubernetes --node-selector=a==,,", want: []string{"--node-selector=a==,,: must be a label selector: "}},
		{args: "--kubelet-port=0", want: []string{"--kubelet-port=0: must be from 1 to 65535"}},
		{args: "--kubelet-port=65536", want: []string{"--kubelet-port=65536: must be from 1 to 65535"}},
		{args: "--kubelet-preferred-address-types=", want: []string{"--kubelet-preferred-address-types: must have at least one of [Hostname"}},
		{args: "--kubelet-preferred-address-types=InternalIP,internalip,LegacyHostIP", want: []string{
			`"internalip" is not a type of node address; allowed are [Hostname InternalDNS InternalIP ExternalDNS ExternalIP]`, `"LegacyHostIP" is not`,
		}},
		{args: "--kubelet-client-certificate=" + f.path("cert.pem"), want: []string{"--kubelet-client-certificate=" + f.path("cert.pem") + ": needs --kubelet-client-key too"}},
		{args: "--kubelet-client-key=" + f.path("key.pem"), want: []string{"needs --kubelet-client-certificate too"}},
		{args: "--kubelet-client-certificate=" + garbage + " --kubelet-client-key=" + f.path("key.pem"), want: []string{"must be a PEM certificate and its key"}},
		{args: "--kubelet-certificate-authority=" + absent, want: []string{"--kubelet-certificate-authority=" + absent + ": must be a file of PEM certificates: "}},
		{args: "--kubelet-insecure-tls --kubelet-certificate-authority=" + f.path("cert.pem"), want: []string{"--kubelet-insecure-tls accepts any certificate, so --kubelet-certificate-authority="}},
		{args: "--kubelet-verify=node-name"},
		{args: "--kubelet-verify=name", want: []string{"--kubelet-verify=name: must be address or node-name"}},
		{args: "--kubelet-insecure-tls --kubelet-verify=node-name", want: []string{"--kubelet-insecure-tls accepts any certificate, so --kubelet-verify=node-name cannot take effect"}},
		{args: "--deprecated-kubelet-completely-insecure --kubelet-verify=node-name", want: []string{"so --kubelet-verify cannot take effect"}},
		{args: "--deprecated-kubelet-completely-insecure"},
		{
			args: "--deprecated-kubelet-completely-insecure --kubelet-insecure-tls --kubelet-client-certificate=" + f.path("cert.pem") + " --kubelet-client-key=" + f.path("key.pem"),
			want: []string{"--deprecated-kubelet-completely-insecure uses no TLS, so --kubelet-client-certificate, --kubelet-client-key, --kubelet-insecure-tls cannot take effect"},
		},
		{args: "--deprecated-kubelet-completely-insecure --kubelet-certificate-authority=" + f.path("cert.pem"), want: []string{"so --kubelet-certificate-authority cannot take effect"}},
		{args: "--kubeconfig=" + garbage, want: []string{"--kubeconfig=" + garbage + ": must be a kubeconfig"}},
		{args: "--authentication-kubeconfig=" + absent, want: []string{"--authentication-kubeconfig=" + absent + ": must be a kubeconfig"}},
		{args: "--authorization-kubeconfig=" + garbage, want: []string{"--authorization-kubeconfig=" + garbage + ": must be a kubeconfig"}},
		{args: "--secure-port=0", want: []string{"--secure-port 0 must be between 1 and 65535"}},
		{args: "--tls-cert-file=" + f.path("cert.pem"), want: []string{"needs --tls-private-key-file too"}},
		{args: "--tls-cert-file=" + f.path("cert.pem") + " --tls-private-key-file=" + garbage, want: []string{"--tls-private-key-file=" + garbage + ": must be a PEM certificate and its key"}},
		{args: "--serving-certificate-service=a/b"},
		{args: "--serving-certificate-service=b", want: []string{"--serving-certificate-service=b: must be NAMESPACE/NAME outside a pod"}},
		{args: "--serving-certificate-service=a/b/c", want: []string{"--serving-certificate-service=a/b/c: must be the name of a Service, or NAMESPACE/NAME"}},
		{args: "--serving-certificate-service=b --tls-cert-file=" + f.path("cert.pem") + " --tls-private-key-file=" + f.path("key.pem")},
		{args: "--tls-sni-cert-key=" + absent + "," + absent, want: []string{"--tls-sni-cert-key=" + absent}},
		{args: "--tls-min-version=1.3", want: []string{"--tls-min-version=1.3: must be one of [VersionTLS10 VersionTLS11 VersionTLS12 VersionTLS13]"}},
		{args: "--tls-cipher-suites=ROT13", want: []string{`--tls-cipher-suites: "ROT13" is not known; allowed are [TLS_`}},
		{args: "--tls-curve-preferences=29,29", want: []string{"--tls-curve-preferences=[29 29]: duplicate"}},
		{args: "--http2-max-streams-per-connection=-1", want: []string{"--http2-max-streams-per-connection=-1: must not be negative"}},
		{args: "--client-ca-file=" + garbage, want: []string{"--client-ca-file=" + garbage + ": must be a file of PEM certificates"}},
		{args: "--requestheader-client-ca-file=" + absent, want: []string{"--requestheader-client-ca-file=" + absent}},
		{args: "--requestheader-group-headers=,", want: []string{`empty value in "requestheader-group-headers"`}},
		{args: "--authentication-token-webhook-cache-ttl=-1s", want: []string{"--authentication-token-webhook-cache-ttl=-1s: must not be negative"}},
		{args: "--authorization-webhook-cache-authorized-ttl=-1s", want: []string{"--authorization-webhook-cache-authorized-ttl=-1s"}},
		{args: "--authorization-webhook-cache-unauthorized-ttl=-1s", want: []string{"--authorization-webhook-cache-unauthorized-ttl=-1s"}},
		{args: "--authorization-always-allow-paths=/a*b", want: []string{"--authorization-always-allow-paths: "}},
		{args: "--audit-policy-file=" + garbage, want: []string{"--audit-policy-file=" + garbage + ": must be an audit policy"}},
		{args: "--audit-webhook-config-file=" + absent, want: []string{"--audit-webhook-config-file=" + absent}},
		{args: "--audit-webhook-initial-backoff=-1s", want: []string{"--audit-webhook-initial-backoff=-1s"}},
		{args: "--audit-log-path=- --audit-log-mode=fast", want: []string{"invalid audit log mode fast"}},
		{args: "--max-requests-inflight=-1", want: []string{"--max-requests-inflight can not be negative"}},
		{args: "--enable-priority-and-fairness --max-requests-inflight=0 --max-mutating-requests-inflight=0", want: []string{"--enable-priority-and-fairness: needs"}},
		{args: "--logging-format=xml", want: []string{`logging.format: Invalid value: "xml"`}},
		{args: "--log-json-split-stream", want: []string{"logging.options.json.splitStream: Forbidden"}},
		{
			args: "--metric-resolution=1s --kubelet-port=-1 --source=a --tls-min-version=b --goaway-chance=1 --logging-format=c --client-ca-file=" + absent,
			want: []string{"--metric-resolution=1s", "--kubelet-port=-1", `--source "a"`, "--tls-min-version=b", "--goaway-chance", "logging.format", "--client-ca-file"},
		},
	} {
		t.Run(tc.args, func(t *testing.T) {
			args := slices.Concat(f.usual(), strings.Fields(tc.args))
			checkErrors(t, parse(t, args...).Validate(), tc.want)
		})
	}
}

func TestValidateOutsideACluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	f := newFiles(t)
	usual := f.usual()
	for missing := range usual {
		t.Run(usual[missing], func(t *testing.T) {
			args := slices.Delete(slices.Clone(usual), missing, missing+1)
			flag, _, _ := strings.Cut(usual[missing], "=")
			checkErrors(t, parse(t, args...).Validate(), []string{flag + ": must be given outside a cluster"})
		})
	}
}

// TestDefaults pins what differs from the library's defaults, and Plimsoll's own.
func TestDefaults(t *testing.T) {
	o := parse(t)
	got := fmt.Sprint(o.Scrape.Resolution, o.Kubelet.Port, o.Kubelet.RequestTimeout, o.Kubelet.AddressTypes, o.SecureServing.BindPort,
		o.SecureServing.HTTP2MaxStreamsPerConnection, o.Features.EnablePriorityAndFairness)
	want := "1m0s 10250 10s [Hostname InternalDNS InternalIP ExternalDNS ExternalIP] 443 0 false"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

// checkErrors wants as many errors as parts, each with its part.
func checkErrors(t *testing.T, errs []error, parts []string) {
	t.Helper()
	if len(errs) != len(parts) {
		t.Errorf("%d errors, want %d", len(errs), len(parts))
	}
	for _, part := range parts {
		if !slices.ContainsFunc(errs, func(err error) bool { return strings.Contains(err.Error(), part) }) {
			t.Errorf("no error contains %q", part)
		}
	}
	if t.Failed() {
		t.Logf("errors: %q", errs)
	}
}
