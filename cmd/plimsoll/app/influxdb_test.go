package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// summaryKubelet responds to every request for the summary with counters that rise with its clock: a tenth of a core, and 4000 bytes a second.
type summaryKubelet struct {
	start time.Time

	mu sync.Mutex
	// full counts the requests for the full summary.
	full int
}

// RoundTrip implements http.RoundTripper.
func (k *summaryKubelet) RoundTrip(r *http.Request) (*http.Response, error) {
	now := time.Now()
	at, passed := now.UTC().Format(time.RFC3339), uint64(now.Sub(k.start).Seconds())
	usage := fmt.Sprintf(`"startTime":%q,"cpu":{"time":%q,"usageNanoCores":100000000,"usageCoreNanoSeconds":%d},"memory":{"time":%q,"workingSetBytes":7,"usageBytes":9}`,
		k.start.UTC().Format(time.RFC3339), at, passed*1e8, at)
	network, files, disks := "", "", ""
	if r.URL.RawQuery == "" {
		k.mu.Lock()
		k.full++
		k.mu.Unlock()
		network = fmt.Sprintf(`,"network":{"time":%q,"rxBytes":%d,"txBytes":%d}`, at, passed*4000, passed*1000)
		files = fmt.Sprintf(`{"time":%q,"usedBytes":5,"capacityBytes":50}`, at)
		disks = `,"rootfs":` + files + `,"logs":` + files
		files = `,%q:` + files
	}
	of := func(name string) string {
		if files == "" {
			return ""
		}
		return fmt.Sprintf(files, name)
	}
	body := fmt.Sprintf(`{"node":{"nodeName":"n",%s%s%s},"pods":[{"podRef":{"namespace":"ns","name":"p","uid":"u"},"startTime":%q%s%s,"containers":[{"name":"c",%s%s}]}]}`,
		usage, network, of("fs"), k.start.UTC().Format(time.RFC3339), network, of("ephemeral-storage"), usage, disks)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// capture keeps the lines that it is to send.
type capture struct {
	mu    sync.Mutex
	lines []string
}

// Send implements export.Sender.
func (c *capture) Send(_ context.Context, p export.Payload) error {
	zip, err := gzip.NewReader(bytes.NewReader(p.Body))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(zip)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	return err
}

// series are the measurements with their types and values in the lines; the values of the last.
func (c *capture) series(t *testing.T) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]string{}
	for _, line := range c.lines {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Fatalf("a line is %q", line)
		}
		measurement, tags, _ := strings.Cut(fields[0], ",")
		_, level, _ := strings.Cut(tags, "type=")
		all[level+" "+measurement] = strings.TrimPrefix(fields[1], "value=")
	}
	return all
}

// exportTo has a stack of one node with one pod be scraped for a while, and returns what the sink of a value of --sink would send.
func exportTo(t *testing.T, value string, kubelets *summaryKubelet, d time.Duration) *capture {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.0.0.1"}}
	amount := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("250m"), corev1.ResourceMemory: resource.MustParse("1Ki")}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "u"}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}
	pod.Spec = corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{Requests: amount}}}}
	counted, err := scrape.NewMetrics(func(metrics.Registerable) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	memory := kubelet.NewMemory(func() int64 { return math.MaxInt64 })
	k := &Kubelets{Metrics: counted, NewClient: func(kubelet.Config, *rest.Config) (*kubelet.Client, error) {
		return kubelet.NewClientThrough(memory, func(*kubelet.Conn) http.RoundTripper { return kubelets }), nil
	}}
	sources := []source.Source{{Kind: source.Summary, NodeSelector: labels.Everything(), Resolution: 15 * time.Second, Kubelet: source.Kubelet{
		HTTPS: true, Port: 1, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP}, RequestTimeout: time.Second,
	}}}
	sinks, sent := sinksOf(t, value), &capture{}
	sinks[0].Sender = sent
	stack, err := NewClusterStack(StackConfig{
		Client: fake.NewClientset(node, pod), Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second},
		Exported: export.AllNeeds(sinks),
		NewCollector: func(c *cluster.Cluster, s *store.Store) (Collector, error) {
			return k.NewCollector(sources, &rest.Config{}, c, s)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	registry, extra := metrics.NewKubeRegistry(), &apiserver.ExtraConfig{Handlers: map[string]http.Handler{}}
	if err := addExporter(extra, []*ClusterStack{stack}, sinks, metricsRegistry{registry.Register, registry.CustomRegister}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, b := range append(stack.Background(), extra.Background...) {
		running.Go(func() { _ = b.Start(ctx) })
	}
	<-time.After(d)
	cancel()
	running.Wait()
	return sent
}

// TestInfluxDBReceivesWhatHeapsterWrote goes from the kubelet's summary and the pod's object to the lines, on a clock of its own.
func TestInfluxDBReceivesWhatHeapsterWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kubelets := &summaryKubelet{start: time.Now().Add(-time.Hour)}
		got := exportTo(t, "influxdb:", kubelets, 5*time.Minute)
		if kubelets.full < 4 || kubelets.full > 5 {
			t.Errorf("the full summary was requested %d times in five minutes", kubelets.full)
		}
		want := map[string]string{}
		for _, level := range []string{"node", "pod", "pod_container", "ns", "cluster"} {
			for measurement, value := range map[string]string{
				"cpu/usage_rate": "100i", "cpu/request": "250i", "cpu/limit": "0i",
				"memory/usage": "9i", "memory/working_set": "7i", "memory/request": "1024i", "memory/limit": "0i",
			} {
				want[level+" "+measurement] = value
			}
		}
		for _, level := range []string{"node", "pod"} {
			want[level+" network/rx_rate"], want[level+" network/tx_rate"] = "4000", "1000"
		}
		for _, of := range []string{"node,resource_id=/", "pod,resource_id=/", "pod_container,resource_id=/", "pod_container,resource_id=logs"} {
			want[of+" filesystem/usage"], want[of+" filesystem/limit"] = "5i", "50i"
		}
		series := got.series(t)
		for _, moving := range []string{"node cpu/usage", "pod_container cpu/usage", "pod uptime", "node network/rx", "node network/tx", "pod network/rx", "pod network/tx"} {
			if series[moving] == "" { // That of the others is not known: this clock stands before the earliest start that is one.
				t.Errorf("no %s", moving)
			}
			delete(series, moving)
		}
		if diff := cmp.Diff(want, series); diff != "" {
			t.Errorf("series (-want +got):\n%s", diff)
		}
		onePointAMinute(t, got.lines)
	})
}

// onePointAMinute fails where a series has two points in one minute.
func onePointAMinute(t *testing.T, lines []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, line := range lines {
		fields := strings.Fields(line)
		var at int64
		if _, err := fmt.Sscan(fields[2], &at); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(fields[0], " ", at/int64(time.Minute))
		if seen[key] {
			t.Errorf("a second point in a minute: %s", line)
		}
		seen[key] = true
	}
}

// TestFullSummaryIsNotRequestedWithoutNeed has a sink that leaves out what only that has.
func TestFullSummaryIsNotRequestedWithoutNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kubelets := &summaryKubelet{start: time.Now().Add(-time.Hour)}
		got := exportTo(t, "influxdb:?disable_summary_metrics=true", kubelets, 2*time.Minute)
		if kubelets.full != 0 {
			t.Errorf("the full summary was requested %d times", kubelets.full)
		}
		if !slices.ContainsFunc(got.lines, func(l string) bool { return strings.HasPrefix(l, "cpu/usage_rate") }) ||
			slices.ContainsFunc(got.lines, func(l string) bool { return strings.HasPrefix(l, "network") }) {
			t.Errorf("%d lines: %v", len(got.lines), got.lines)
		}
	})
}
