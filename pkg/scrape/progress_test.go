package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/loglimit"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

func TestMessageAndProgress(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.kubelets.set("down", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
		b.Set(node("up"))
		b.Set(node("down"))
		b.Refuse("lost", errors.New("node lost has no address"))
		if got := b.Progress().String(); got != "1 of 3 nodes are done; 2 not scraped yet; what they wait for is due within 1s; failing: 1 no_address; "+cause.NodeNoAddress.Message() {
			t.Errorf("at the start: %s", got)
		}
		if got := b.Status("up").Message; !strings.Contains(got, "(PLM-NODE-NOT-SCRAPED)") {
			t.Errorf("at the start: %s", got)
		}
		b.Refuse("odd", fmt.Errorf("node odd has port 22: %w", target.ErrPort))
		time.Sleep(resolution)
		want := progress.Counts{Nodes: 4, Settled: 4, Failing: map[cause.Cause]int{
			cause.NodeNoAddress: 1, cause.NodeRefusedPort: 1, cause.KubeletForbidden: 1,
		}}
		if diff := cmp.Diff(want, b.Progress()); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
		for name, want := range map[string]string{
			"up": "", "down": "grant get on nodes/metrics", "lost": "(PLM-NODE-NO-ADDRESS)", "odd": "(PLM-NODE-REFUSED-PORT)", "unknown": "(PLM-NODE-NOT-SELECTED)",
		} {
			if got := b.Status(name).Message; !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("the message about %s is %q, want something with %q", name, got, want)
			}
		}
	})
}

// TestProgressOfANode counts what a node waits for, from its first scrape to its usage.
func TestProgressOfANode(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status status
		known  bool
		want   string
	}{
		{"not scraped", status{}, true, "0 of 1 nodes are done; 1 not scraped yet"},
		{"scraped once", status{successes: 1}, true,
			"0 of 1 nodes are done; 1 scraped, waiting for a second reading, which a CPU rate needs"},
		{"scraped before the pods are known", status{successes: 2, settled: true}, false,
			"0 of 1 nodes are done; 1 scraped, waiting for the list of pods"},
		{"scraped twice", status{successes: 2, settled: true}, true, "1 of 1 nodes are done"},
		{"fails before the pods are known", status{failures: 1, settled: true}, false, "1 of 1 nodes are done"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := progress.New(1)
			if count(&p, &tt.status, tt.known); p.String() != tt.want {
				t.Errorf("got %q, want %q", p, tt.want)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.stored.rejected[sample.Malformed] = 1
		b.kubelets.set("a", func(r *http.Request) (*http.Response, error) { return body(r, 200, "garbage") })
		b.Set(node("a"))
		time.Sleep(time.Second)
		b.kubelets.set("a", fine)
		time.Sleep(resolution)
		want := `# HELP plimsoll_readings_rejected_total [ALPHA] Readings of kubelets that were rejected, by reason.
# TYPE plimsoll_readings_rejected_total counter
plimsoll_readings_rejected_total{cluster="",reason="malformed"} 1
# HELP plimsoll_scrapes_total [ALPHA] Scrapes of kubelets, by result: success or the reason of the failure.
# TYPE plimsoll_scrapes_total counter
plimsoll_scrapes_total{cluster="",result="success"} 1
plimsoll_scrapes_total{cluster="",result="syntax"} 1
`
		if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want),
			"plimsoll_readings_rejected_total", "plimsoll_scrapes_total"); err != nil {
			t.Error(err)
		}
	})
}

// startLogged starts a manager. The second result ends it, and returns what it has logged.
func startLogged(t *testing.T, k *kubelets) (*Manager, func() string) {
	logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
	m, err := NewMetrics(metrics.NewKubeRegistry().Register)
	if err != nil {
		t.Fatal(err)
	}
	manager := NewManager(Config{
		Sources: []Source{{
			Client: clientThrough(k), Timeout: time.Second, Resolution: resolution,
			NewDecoder: newDecoder(func(context.Context, []byte) (sample.Node, error) { return sample.Node{}, nil }),
		}},
		Pods: runningPods(false), Store: &recordingStore{seen: map[string]bool{}}, Metrics: m,
	})
	ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
	done := make(chan struct{})
	go func() { defer close(done); _ = manager.Start(ctx) }()
	return manager, func() string {
		cancel()
		<-done
		return logger.GetSink().(ktesting.Underlier).GetBuffer().String()
	}
}

func TestReasonIsLoggedWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKubelets()
		manager, logged := startLogged(t, k)
		manager.Set(node("a"))
		quietly := node("not-ready")
		quietly.Ready = false
		k.set("not-ready", hang)
		manager.Set(quietly)
		for _, code := range []int{500, 403, 200} {
			k.set("a", func(r *http.Request) (*http.Response, error) { return body(r, code, "fine") })
			time.Sleep(30 * resolution)
		}
		text := logged()
		for line, want := range map[string]int{
			`reason="status"`: 1, "not-ready": 0, `reason="forbidden"`: 1, "Node is scraped again": 1, "Node cannot be scraped": 2,
		} {
			if got := strings.Count(text, line); got != want {
				t.Errorf("%q was logged %d times, want %d, in:\n%s", line, got, want, text)
			}
		}
	})
}

// TestReasonsThatAlternateAreLoggedOnce has a node fail for one reason and another, and succeed in between, for an hour.
func TestReasonsThatAlternateAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, scrapes := newKubelets(), 0
		k.set("a", func(r *http.Request) (*http.Response, error) {
			scrapes++
			return body(r, []int{503, 403, 200}[scrapes%3], "fine")
		})
		manager, logged := startLogged(t, k)
		manager.Set(node("a"))
		<-time.After(time.Hour)
		text := logged()
		for _, line := range []string{`reason="status"`, `reason="forbidden"`, "is scraped again"} {
			if got := strings.Count(text, line); got < 5 || got > 7 {
				t.Errorf("%s was logged %d times in an hour and %d scrapes, want once in %s", line, got, scrapes, loglimit.Interval)
			}
		}
	})
}

// TestStatusOfANode follows a node through a success and a failure.
func TestStatusOfANode(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.stored.rejected[sample.Malformed] = 2
		n := node("a")
		n.Addresses = "a:10250 b:10250"
		b.Set(n)
		if s := b.Status("a"); s.Cause != cause.NodeNotScraped || !s.LastSuccess.IsZero() || s.Next.Before(time.Now()) || s.Address != "a:10250" {
			t.Errorf("at the start: %+v", s)
		}
		time.Sleep(2 * resolution)
		s := b.Status("a")
		if since := time.Since(s.LastSuccess); s.Cause != cause.None || since > resolution || time.Until(s.Next) > resolution || s.Rejected[sample.Malformed] < 2 || s.Message+s.Error != "" {
			t.Errorf("after a success: %+v", s)
		}
		b.kubelets.set("a", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
		time.Sleep(2 * resolution)
		after := b.Status("a")
		if after.Cause != cause.KubeletForbidden || after.LastSuccess.Before(s.LastSuccess) || after.FailingSince.Before(after.LastSuccess) ||
			!strings.Contains(after.Error, "403") || after.Rejected.Total() < s.Rejected.Total() {
			t.Errorf("after a failure: %+v", after)
		}
	})
}
