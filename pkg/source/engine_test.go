package source_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// plainEngine is what the value prometheus:https://e gives with flags.
func plainEngine(changes ...func(*source.Engine)) source.Engine {
	e := source.Engine{
		URL: "https://e", Endpoint: "auto", NodeLabel: "node", NamespaceLabel: "namespace", PodLabel: "pod", ContainerLabel: "container",
		ReplicaLabels: []string{"prometheus_replica", "replica"}, Dedup: true, Window: 2 * time.Minute, LatencyOffset: time.Second, ShardSize: 50,
		RequestTimeout: 30 * time.Second,
	}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func TestParseEngine(t *testing.T) {
	match := func(text string) func(*source.Engine) { return func(e *source.Engine) { e.Match = text } }
	for _, tc := range []struct {
		in     string
		change func(*source.Engine)
	}{
		{"prometheus:https://e", nil},
		{"prometheus:'https://e/'", nil},
		{"prometheus:http://e:8481/select/0/prometheus", func(e *source.Engine) { e.URL = "http://e:8481/select/0/prometheus" }},
		{`prometheus:https://e?match=cluster="west"`, match(`cluster="west"`)},
		{`prometheus:https://e?match='cluster="west",job=~"a|b.*"'`, match(`cluster="west",job=~"a|b.*"`)},
		{`prometheus:https://e?match=a!="b",+c+!~+"d\\.e%2B"+,`, match(`a!="b",c!~"d\\.e+"`)},
		{"prometheus:https://e?match=", nil},
		{"prometheus:https://e?endpoint=cadvisor&nodeLabel=a&namespaceLabel=b&podLabel=c&containerLabel=d", func(e *source.Engine) {
			e.Endpoint, e.NodeLabel, e.NamespaceLabel, e.PodLabel, e.ContainerLabel = "cadvisor", "a", "b", "c", "d"
		}},
		{"prometheus:https://e?replicaLabel=a,b&dedup=false", func(e *source.Engine) { e.ReplicaLabels, e.Dedup = []string{"a", "b"}, false }},
		{"prometheus:https://e?tenant=a|b&tokenFile=/t&caFile=/ca", func(e *source.Engine) { e.Tenant, e.TokenFile, e.CAFile = "a|b", "/t", "/ca" }},
		{"prometheus:https://e?user=u&pwFile=/p&insecuressl=true", func(e *source.Engine) { e.User, e.PasswordFile, e.InsecureTLS = "u", "/p", true }},
		{"prometheus:https://e?certFile=/c&keyFile=/k", func(e *source.Engine) { e.CertFile, e.KeyFile = "/c", "/k" }},
		{"prometheus:https://e?window=5m&latencyOffset=0s&shardSize=500&requestTimeout=5s", func(e *source.Engine) {
			e.Window, e.LatencyOffset, e.ShardSize, e.RequestTimeout = 5*time.Minute, 0, 500, 5*time.Second
		}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := source.Parse(tc.in, flags(), environment)
			if err != nil {
				t.Fatal(err)
			}
			want := source.Source{
				Kind: source.Prometheus, Raw: tc.in, API: source.Access{InCluster: true}, NodeSelector: labels.Everything(), Resolution: time.Minute, Engine: plainEngine(),
			}
			if tc.change != nil {
				tc.change(&want.Engine)
			}
			if diff := cmp.Diff(want, got, selectors); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTimesOfEngine pins what follows from the resolution: the window is longer, and a query shorter.
func TestTimesOfEngine(t *testing.T) {
	for _, tc := range []struct {
		in              string
		window, timeout time.Duration
	}{
		{"prometheus:https://e?resolution=15s", 90 * time.Second, 13500 * time.Millisecond},
		{"prometheus:https://e?resolution=5m", 6 * time.Minute, 30 * time.Second},
	} {
		got, err := source.Parse(tc.in, flags(), environment)
		if err != nil || got.Engine.Window != tc.window || got.Engine.RequestTimeout != tc.timeout {
			t.Errorf("%s: %+v, %v", tc.in, got.Engine, err)
		}
	}
}

func TestEngineMistakes(t *testing.T) {
	const (
		allowedEngine = "inClusterConfig, auth, useServiceAccount, insecure, cluster, nodeSelector, match, endpoint, nodeLabel, namespaceLabel, podLabel, containerLabel, " +
			"replicaLabel, dedup, tenant, tokenFile, user, pwFile, caFile, certFile, keyFile, insecuressl, window, latencyOffset, shardSize, requestTimeout, resolution"
		noMatch   = ` must be matchers such as cluster="west",job=~"kubelet.*", joined by commas: write %26 for & and %2B for +`
		noAddress = ` has no address of the engine: write prometheus:https://HOST:PORT, with the path below which /api/v1/query is`
		ownToken  = ` would send the engine the token by which Plimsoll reads the cluster: mount a token that is made for the engine, such as a projected one with an audience of its own`
	)
	for _, tc := range []struct {
		in   string
		want []string
	}{
		{"prometheus", []string{"…" + noAddress}},
		{"prometheus:", []string{"…" + noAddress}},
		{"prometheus:e:9090", []string{`…: the address "e:9090"` + noScheme}},
		{"prometheus:https://e?kubeletPort=1", []string{`… has the unknown option "kubeletPort": allowed are ` + allowedEngine}},
		{"kubernetes?match=a", []string{`… has the unknown option "match": allowed are ` + allowed}},
		{"prometheus:https://e?match=west", []string{`…: match="west"` + noMatch}},
		{`prometheus:https://e?match={a="b"}`, []string{`…: match="{a=\"b\"}"` + noMatch}},
		{`prometheus:https://e?match=a="b"c="d"`, []string{`…: match="a=\"b\"c=\"d\""` + noMatch}},
		{`prometheus:https://e?match=a=~"("`, []string{"…: match=\"a=~\\\"(\\\"\" has an invalid regular expression: error parsing regexp: missing closing ): `^(?:()$`"}},
		{"prometheus:https://e?endpoint=summary&nodeLabel=a-b&shardSize=0&window=1s&latencyOffset=-1s&tenant=a b", []string{
			`…: endpoint="summary" must be auto, resource or cadvisor`,
			`…: nodeLabel="a-b" must be the name of a label: letters, digits and _, with no digit at the beginning`,
			`…: shardSize="0" must be a number of nodes from 1 to 500`,
			`…: window="1s" must be a duration of at least 5s, such as 2m`,
			`…: latencyOffset="-1s" must be a duration of at least 0s, such as 5s`,
			`…: tenant="a b" must be the name of a tenant: 1 to 150 visible characters`,
		}},
		{"prometheus:https://e?replicaLabel=a,b-c", []string{`…: replicaLabel="a,b-c" must be a list of names of labels, with commas and no spaces: "b-c" is none`}},
		{"prometheus:https://e?window=30s", []string{`…: window=30s must not be shorter than the resolution, 1m0s: lengthen the one or shorten the other`}},
		{"prometheus:http://e?tokenFile=/t&caFile=/ca", []string{
			`…: tokenFile would go unencrypted to http://e: write https://, or leave it out`,
			`…: caFile and insecuressl cannot take effect over http: leave them out, or write https://`,
		}},
		{"prometheus:https://e?tokenFile=/var/run/secrets/kubernetes.io/serviceaccount/token",
			[]string{`…: tokenFile="/var/run/secrets/kubernetes.io/serviceaccount/token"` + ownToken}},
		{"prometheus:https://e?tokenFile=/run/secrets/kubernetes.io/serviceaccount/token",
			[]string{`…: tokenFile="/run/secrets/kubernetes.io/serviceaccount/token"` + ownToken}},
		{"prometheus:https://e?user=u&tokenFile=/t&certFile=/c&caFile=/ca&insecuressl=true", []string{
			`…: insecuressl=true accepts any certificate, so caFile="/ca" cannot take effect: leave out one`,
			`…: user and pwFile need each other: give both, or neither`,
			`…: user and tokenFile contradict each other: leave out one`,
			`…: certFile and keyFile need each other: give both, or neither`,
		}},
		{"prometheus:https://e?cluster=west", []string{`…: cluster="west" needs auth=FILE, a kubeconfig of its API server: without it this would be the home cluster under another name`}},
		{"prometheus:https://e?inClusterConfig=false", []string{`…: inClusterConfig=false leaves no way to the API server: give auth=FILE or --kubeconfig`}},
		{"prometheus:https://u:secret@e", []string{`source "prometheus:https://REDACTED@e"` + noUser}},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := source.Parse(tc.in, flags(), environment)
			var want []string
			for _, w := range tc.want {
				want = append(want, strings.Replace(w, "…", "source "+strconv.Quote(tc.in), 1))
			}
			checkMessages(t, err, want)
		})
	}
}

// TestSourcesOfBothKinds pins which order of sources is one: an engine stands in for kubelets, and kubelets for no engine.
func TestSourcesOfBothKinds(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   []string
		want []string
	}{
		{"kubelets, then an engine", []string{"kubernetes", "prometheus:https://e"}, nil},
		{"kubelets, then two engines", []string{"kubernetes", "prometheus:https://e?nodeSelector=a", "prometheus:https://f"}, nil},
		{"an engine for some nodes", []string{"prometheus:https://e?nodeSelector=a", "kubernetes"}, nil},
		{"an engine, then kubelets", []string{"prometheus:https://e", "kubernetes"},
			[]string{`source "kubernetes" is never used: source "prometheus:https://e" before it selects the same nodes; leave out one, or give each its own nodeSelector`}},
		{"an engine, then another", []string{"kubernetes", "prometheus:https://e", "prometheus:https://f?nodeSelector=a"},
			[]string{`source "prometheus:https://f?nodeSelector=a" is never used: source "prometheus:https://e" before it selects every node; put it before that one, or give that one a nodeSelector`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := source.ParseAll(tc.in, flags(), environment)
			checkMessages(t, err, tc.want)
		})
	}
}
