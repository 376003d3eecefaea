package scrape

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// withContainers is a node on which a container runs.
func withContainers() sample.Node {
	return sample.Node{Pods: []sample.Pod{{Namespace: "ns", Name: "p", Containers: []sample.Container{{Name: "c"}}}}}
}

// containersInSummary has the summary alone tell of containers, while pods run.
func containersInSummary(c *testConfig) {
	c.Pods = runningPods(true)
	c.Sources[0].NewDecoder = newDecoder(func(_ context.Context, text []byte) (sample.Node, error) {
		switch string(text) {
		case "full":
			return withContainers(), nil
		case "nothing":
			return sample.Node{}, decode.ErrEmpty
		}
		return sample.Node{}, nil
	})
	c.DecodeSummary = func(_ context.Context, text []byte) (sample.Node, error) {
		if string(text) != "fine" {
			return sample.Node{}, decode.ErrSyntax
		}
		return withContainers(), nil
	}
}

// said is an answer: a status and a text.
type said struct {
	code int
	text string
}

func (b *env) record(host string, s said) {
	b.kubelets.set(host, func(r *http.Request) (*http.Response, error) { return body(r, s.code, s.text) })
}

// sayTo is say, with one answer to requests that have a query, and another to those without.
func (b *env) sayTo(host string, with, without said) {
	b.kubelets.set(host, func(r *http.Request) (*http.Response, error) {
		if r.URL.RawQuery != "" {
			return body(r, with.code, with.text)
		}
		return body(r, without.code, without.text)
	})
}

func TestFallback(t *testing.T) {
	tests := []struct {
		name          string
		node, summary said
		// falls is true where the node is read through its summary, and cause what it fails for.
		falls bool
		cause string
	}{
		{"no such endpoint", said{404, ""}, said{200, "fine"}, true, ""},
		{"no containers", said{200, ""}, said{200, "fine"}, true, ""},
		{"nothing at all", said{200, "nothing"}, said{200, "fine"}, true, ""},
		{"containers", said{200, "full"}, said{200, "fine"}, false, ""},
		{"not that method", said{405, ""}, said{200, "fine"}, true, ""},
		{"not implemented", said{501, ""}, said{200, "fine"}, true, ""},
		{"a query that it does not know", said{400, ""}, said{200, "fine"}, true, ""},
		{"an error that is one of that endpoint", said{500, ""}, said{200, "fine"}, true, ""},
		{"an error of both", said{500, ""}, said{500, ""}, false, "responded with an error"},
		{"an error for a while", said{503, ""}, said{200, "fine"}, false, "responded with an error"},
		{"no right", said{403, ""}, said{200, "fine"}, false, "forbids"},
		{"neither has the endpoint", said{404, ""}, said{404, ""}, false, "no summary to read instead"},
		{"no containers, and no right to the summary", said{200, ""}, said{403, ""}, false, "reports no container"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, containersInSummary, func(t *testing.T, b *env) {
				b.record("a", tt.node)
				b.record("rates-of-a", tt.summary)
				b.Set(node("a"))
				time.Sleep(time.Minute)
				if got := b.Progress().ThroughSummary == 1; got != tt.falls {
					t.Errorf("through the summary: %t, want %t", got, tt.falls)
				}
				if why := b.Cause("a"); (why == "") != (tt.cause == "") || !strings.Contains(why, tt.cause) {
					t.Errorf("cause %q, want %q", why, tt.cause)
				}
				if asked := len(b.kubelets.requests("a")); tt.falls && asked != 1 {
					t.Errorf("the endpoint without containers was asked %d times, want once", asked)
				}
				if got := b.sink.count("put"); (got >= 6) != (tt.cause == "") {
					t.Errorf("%d answers were put in a minute", got)
				}
			})
		})
	}
}

// TestTheQueryIsLeftOut has kubelets that answer at an endpoint only where they are asked for nothing in particular there.
func TestTheQueryIsLeftOut(t *testing.T) {
	const minute = 6 // Scrapes in turn.
	for _, tt := range []struct {
		name string
		// bare is what the kubelet answers without the query, code with it.
		code    int
		bare    said
		summary said
		// asked is how often the endpoint is asked in a minute, at most; served is true where it comes to numbers.
		asked  int
		served bool
	}{
		{"400", 400, said{200, "full"}, said{404, ""}, minute + 3, true},
		{"500", 500, said{200, "full"}, said{404, ""}, minute + 3, true},
		{"404", 404, said{200, "full"}, said{404, ""}, minute + 3, true},
		{"405", 405, said{200, "full"}, said{501, ""}, minute + 3, true},
		{"501", 501, said{200, "full"}, said{404, ""}, minute + 3, true},
		{"403", 403, said{200, "full"}, said{200, "fine"}, minute + 1, false},
		{"500 for ever", 500, said{500, ""}, said{500, ""}, minute + 2, false},
		{"503", 503, said{200, "full"}, said{200, "fine"}, minute + 1, false},
		{"the summary without its query", 404, said{404, ""}, said{400, ""}, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, containersInSummary, func(t *testing.T, b *env) {
				b.sayTo("a", said{tt.code, ""}, tt.bare)
				b.sayTo("rates-of-a", tt.summary, said{200, "fine"})
				if tt.summary.code != 400 {
					b.sayTo("rates-of-a", tt.summary, tt.summary)
				}
				n := node("a")
				n.URL, n.SummaryURL = "http://a/?name[]=x", "http://rates-of-a/?only_cpu_and_memory=true"
				b.Set(n)
				time.Sleep(time.Minute)
				if why := b.Cause("a"); (why == "") != tt.served {
					t.Errorf("cause %q", why)
				}
				if got := b.sink.count("put a"); (got >= minute) != tt.served {
					t.Errorf("%d answers were put", got)
				}
				if got := len(b.kubelets.requests("a")); got > tt.asked {
					t.Errorf("the endpoint was asked %d times, want at most %d", got, tt.asked)
				}
			})
		})
	}
}

func TestFallbackWithoutASummary(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		b.record("a", said{404, ""})
		alone := node("a")
		alone.SummaryURL = ""
		b.Set(alone)
		time.Sleep(time.Minute)
		if why := b.Cause("a"); !strings.Contains(why, "no such endpoint") {
			t.Errorf("cause %q", why)
		}
	})
}

// TestFallbackIsLeft has a kubelet be upgraded: its summary fails, or the other endpoint is tried again after a while, or its node
// is another one.
func TestFallbackIsLeft(t *testing.T) {
	tests := []struct {
		name   string
		change func(b *env)
		after  time.Duration
	}{
		{"when the summary fails", func(b *env) { b.record("rates-of-a", said{500, ""}) }, 2 * resolution},
		{"after a minute", func(*env) {}, minFallback},
		{"when the node is another one", func(b *env) {
			other := node("a")
			other.UID = "2"
			b.Set(other)
		}, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, containersInSummary, func(t *testing.T, b *env) {
				b.record("a", said{404, ""})
				b.Set(node("a"))
				time.Sleep(2 * resolution)
				b.record("a", said{200, "full"})
				time.Sleep(resolution)
				if diff := cmp.Diff(1, b.Progress().ThroughSummary); diff != "" {
					t.Fatalf("before (-want +got):\n%s", diff)
				}
				tt.change(b)
				time.Sleep(tt.after)
				if diff := cmp.Diff(0, b.Progress().ThroughSummary); diff != "" {
					t.Errorf("after (-want +got):\n%s", diff)
				}
				if why := b.Cause("a"); why != "" {
					t.Errorf("cause %q", why)
				}
			})
		})
	}
}

// TestFallbackIsTriedLessAndLess counts how often an endpoint is asked that never has containers: after one minute, two, four and so
// on, and at last once an hour.
func TestFallbackIsTriedLessAndLess(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		b.record("a", said{404, ""})
		b.Set(node("a"))
		time.Sleep(2 * time.Hour)
		first := len(b.kubelets.requests("a"))
		if first < 7 || first > 8 {
			t.Errorf("asked %d times in the first two hours, want once at first and after 1, 3, 7, 15, 31 and 63 minutes", first)
		}
		time.Sleep(10 * time.Hour)
		if more := len(b.kubelets.requests("a")) - first; more < 9 || more > 11 {
			t.Errorf("asked %d times in ten hours more", more)
		}
		if b.Progress().ThroughSummary != 1 || b.sink.count("fail") != 0 {
			t.Errorf("calls: %v", b.sink.recorded())
		}
	})
}

// TestFallbackOfAnOldAddress has a node move while its kubelet is asked at the old address.
func TestFallbackOfAnOldAddress(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		release := make(chan struct{})
		b.record("a", said{404, ""})
		b.kubelets.set("rates-of-a", func(r *http.Request) (*http.Response, error) {
			<-release
			return body(r, 200, "fine")
		})
		b.Set(node("a"))
		time.Sleep(2 * time.Second)
		other := node("a")
		other.URL, other.UID, other.SummaryURL = "http://b", "2", "http://rates-of-b"
		b.record("b", said{200, "full"})
		b.Set(other)
		close(release)
		time.Sleep(2 * resolution)
		if b.Progress().ThroughSummary != 0 || len(b.kubelets.requests("b")) == 0 {
			t.Errorf("%d nodes through the summary, the new address was asked %d times", b.Progress().ThroughSummary, len(b.kubelets.requests("b")))
		}
	})
}
