package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/test/docs"
)

// sinksOf makes the sinks of values of --sink.
func sinksOf(t *testing.T, values ...string) []export.Sink {
	t.Helper()
	sinks, err := sink.ParseAll(values, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	made, err := newSinks(sinks)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestUsageReachesTheLog has two clusters report the usage of a node, and --sink=log write it.
func TestUsageReachesTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stacks []*ClusterStack
		for _, name := range []string{"", "west"} {
			stack, err := NewClusterStack(StackConfig{
				Name: name, Client: fake.NewClientset(), Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second},
				NewCollector: func(*cluster.Cluster, *store.Store) (Collector, error) { return idleCollector{}, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			stacks = append(stacks, stack)
		}
		registry, extra := metrics.NewKubeRegistry(), &apiserver.ExtraConfig{Handlers: map[string]http.Handler{}}
		if err := addExporter(extra, stacks, sinksOf(t, "metric", "log:"), metricsRegistry{registry.Register, registry.CustomRegister}); err != nil {
			t.Fatal(err)
		}
		logger := ktesting.NewLogger(ktesting.NopTL{}, ktesting.NewConfig(ktesting.BufferLogs(true)))
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
		done := make(chan error)
		go func() { done <- extra.Background[0].Start(ctx) }()
		for i := range uint64(2) {
			<-time.After(15 * time.Second)
			now := time.Now().UnixNano()
			for at, stack := range stacks {
				stack.store.Put(store.Identity{Name: "n"}, &sample.Node{Usage: sample.Usage{
					CPU: sample.Reading{Known: true, Time: now, Value: 3e9 * i}, Memory: sample.Reading{Known: true, Time: now, Value: uint64(at+1) << 20},
				}})
			}
		}
		cancel() // What was published last is exported.
		if err := <-done; err != nil {
			t.Error(err)
		}
		var lines []string
		for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
			lines = append(lines, entry.Message)
		}
		slices.Sort(lines)
		want := []string{
			`Usage of node n of cluster west: cpu 200.0m over 15s until 2000-01-01T00:00:30.000Z, memory 2.0Mi at 2000-01-01T00:00:30.000Z`,
			`Usage of node n: cpu 200.0m over 15s until 2000-01-01T00:00:30.000Z, memory 1.0Mi at 2000-01-01T00:00:30.000Z`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		w := httptest.NewRecorder()
		extra.Handlers["/debug/sinks"].ServeHTTP(w, nil)
		var got []export.Status
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 1 || got[0].Sent != 2 || got[0].Sink != "log:" {
			t.Errorf("status %+v, %v", got, err)
		}
		if gathered, err := registry.Gather(); err != nil || !slices.ContainsFunc(gathered, func(f *dto.MetricFamily) bool { return f.GetName() == "plimsoll_sink_points_sent_total" }) {
			t.Errorf("metrics %v, %v", gathered, err)
		}
	})
}

// TestNoSink has nothing be observed and no path be served.
func TestNoSink(t *testing.T) {
	extra := &apiserver.ExtraConfig{}
	if err := addExporter(extra, nil, sinksOf(t, "metric"), metricsRegistry{}); err != nil || extra.Background != nil || extra.Handlers != nil {
		t.Errorf("%+v, %v", extra, err)
	}
}

// makeWithoutFiles makes the sinks, but from none of the files that they name, and closes them. It returns how many there were.
func makeWithoutFiles(sinks []sink.Sink) (made int, err error) {
	for i := range sinks {
		to := &sinks[i].Endpoint
		to.CAFile, to.CertFile, to.KeyFile, to.PasswordFile, to.TokenFile = "", "", "", "", ""
	}
	all, err := newSinks(sinks)
	for _, s := range all {
		if c, ok := s.Sender.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	return len(all), err
}

// FuzzSinks wants every value that the language of --sink accepts to make a sink: what cannot be used is reported with all other mistakes.
func FuzzSinks(f *testing.F) {
	for _, seed := range []string{
		"log:", "influxdb:http://h?cluster_name=a&bucket=b&org=o&token=t&retention=1h", "otlp:grpc://h?attributes=a=b&headers=c=d&tenant=t", "otlp:https://h/x?compression=none",
		"prometheus:http://[::1]:1/w?labels=a=b,c=&version=2.0", "influxdb:http://h?db=%2C+%3D&user=a%20b", "prometheus:http://h%2fx/%zz", "otlp?cluster_name=é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		sinks, err := sink.ParseAll([]string{value}, func(string) (string, bool) { return "", false })
		if err != nil {
			return
		}
		if _, err := makeWithoutFiles(sinks); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	})
}

// TestSinksOfTheDocumentation makes the sinks of each example, less the files that it names.
func TestSinksOfTheDocumentation(t *testing.T) {
	examples, err := docs.Examples(docs.Sink)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, e := range examples {
		environment := func(name string) (string, bool) {
			for _, variable := range e.Env {
				if value, ok := strings.CutPrefix(variable, name+"="); ok {
					return value, true
				}
			}
			return "", false
		}
		for _, arg := range e.Args {
			sinks, err := sink.ParseAll([]string{strings.TrimPrefix(arg, string(docs.Sink))}, environment)
			if err != nil {
				if e.Mistake == "" {
					t.Errorf("%s:%d: %v", e.File, e.Line, err)
				}
				continue
			}
			n, err := makeWithoutFiles(sinks)
			if made += n; err != nil {
				t.Errorf("%s:%d: %v", e.File, e.Line, err)
			}
		}
	}
	if made < 15 {
		t.Errorf("%d examples, want more", made)
	}
}

// TestNothingIsKeptThatNoSinkNeeds is about the requests and limits of pods, which take memory.
func TestNothingIsKeptThatNoSinkNeeds(t *testing.T) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "u"},
		Spec: corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{
			Name: "c", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m")}},
		}}},
	}
	for sinkText, want := range map[string]bool{"log": false, "otlp": false, "prometheus:http://h/w": false, "influxdb": true} {
		t.Run(sinkText, func(t *testing.T) {
			stack, err := NewClusterStack(StackConfig{
				Client: fake.NewClientset(pod), Nodes: labels.Everything(), Exported: export.AllNeeds(sinksOf(t, sinkText)),
				NewCollector: func(*cluster.Cluster, *store.Store) (Collector, error) { return idleCollector{}, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- stack.cluster.Start(ctx) }()
			<-stack.cluster.PodsKnown()
			kept, ok := stack.cluster.Pods().Get("ns", "p")
			if !ok || kept.HasResources() != want {
				t.Errorf("the pod is known: %v, its resources are kept: %v, want %v", ok, ok && kept.HasResources(), want)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTextOfASinkHasNoSecret is what the log, and /debug/sinks, say of it.
func TestTextOfASinkHasNoSecret(t *testing.T) {
	made := sinksOf(t, "influxdb:http://h?pw=sesame", "otlp:http://h?headers=key=sesame&attributes=a=b", "prometheus:http://h/w?token=sesame")
	var texts []string
	for _, s := range made {
		texts = append(texts, s.Text)
	}
	want := []string{"influxdb:http://h?pw=REDACTED", "otlp:http://h?headers=REDACTED&attributes=a=b", "prometheus:http://h/w?token=REDACTED"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
