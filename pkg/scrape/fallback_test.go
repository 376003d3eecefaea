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

// containersInSummary has containers only in the summary, while pods run.
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
	c.SummaryDecoder = decoderFunc(func(_ context.Context, text []byte) (sample.Node, error) {
		if string(text) != "fine" {
			return sample.Node{}, decode.ErrSyntax
		}
		return withContainers(), nil
	})
}

// reply is a response: its status and body.
type reply struct {
	code int
	text string
}

func (b *env) reply(host string, s reply) {
	b.kubelets.set(host, func(r *http.Request) (*http.Response, error) { return body(r, s.code, s.text) })
}

// replyByQuery is respond, with one response to requests that have a query, and another to those without.
func (b *env) replyByQuery(host string, with, without reply) {
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
		node, summary reply
		// falls is true where the node is read through its summary, and message a part of why it fails.
		falls   bool
		message string
	}{
		{"no such endpoint", reply{404, ""}, reply{200, "fine"}, true, ""},
		{"no containers", reply{200, ""}, reply{200, "fine"}, true, ""},
		{"nothing at all", reply{200, "nothing"}, reply{200, "fine"}, true, ""},
		{"containers", reply{200, "full"}, reply{200, "fine"}, false, ""},
		{"not that method", reply{405, ""}, reply{200, "fine"}, true, ""},
		{"not implemented", reply{501, ""}, reply{200, "fine"}, true, ""},
		{"a query that it does not know", reply{400, ""}, reply{200, "fine"}, true, ""},
		{"an error that is one of that endpoint", reply{500, ""}, reply{200, "fine"}, true, ""},
		{"an error of both", reply{500, ""}, reply{500, ""}, false, "responded with an error"},
		{"an error for a while", reply{503, ""}, reply{200, "fine"}, false, "responded with an error"},
		{"no right", reply{403, ""}, reply{200, "fine"}, false, "forbids"},
		{"neither has the endpoint", reply{404, ""}, reply{404, ""}, false, "no summary to read instead"},
		{"no such endpoint, and no right to the summary", reply{404, ""}, reply{403, ""}, false, "forbids"},
		{"no such endpoint, and a summary that is none", reply{404, ""}, reply{200, "nothing"}, false, "cannot be parsed"},
		{"no containers, and no right to the summary", reply{200, ""}, reply{403, ""}, false, "reports no container"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, containersInSummary, func(t *testing.T, b *env) {
				b.reply("a", tt.node)
				b.reply("rates-of-a", tt.summary)
				b.Set(node("a"))
				time.Sleep(time.Minute)
				if got := b.ThroughSummary() == 1; got != tt.falls {
					t.Errorf("through the summary: %t, want %t", got, tt.falls)
				}
				if why := b.Status("a").Message; (why == "") != (tt.message == "") || !strings.Contains(why, tt.message) {
					t.Errorf("message %q, want %q", why, tt.message)
				}
				if requests := len(b.kubelets.requests("a")); tt.falls && requests != 1 {
					t.Errorf("the endpoint without containers was scraped %d times, want once", requests)
				}
				if got := b.stored.count("put"); (got >= 6) != (tt.message == "") {
					t.Errorf("%d responses were put in a minute", got)
				}
			})
		})
	}
}

// TestQueryIsLeftOut has kubelets that respond at an endpoint only without a query.
func TestQueryIsLeftOut(t *testing.T) {
	const minute = 6 // In scrapes.
	for _, tt := range []struct {
		name string
		// withoutQuery is what the kubelet responds without the query, code with it.
		code         int
		withoutQuery reply
		summary      reply
		// most is how often the endpoint is requested in a minute, at most; served is true where that gives usage.
		most   int
		served bool
	}{
		{"400", 400, reply{200, "full"}, reply{404, ""}, minute + 3, true},
		{"500", 500, reply{200, "full"}, reply{404, ""}, minute + 3, true},
		{"404", 404, reply{200, "full"}, reply{404, ""}, minute + 3, true},
		{"405", 405, reply{200, "full"}, reply{501, ""}, minute + 3, true},
		{"501", 501, reply{200, "full"}, reply{404, ""}, minute + 3, true},
		{"403", 403, reply{200, "full"}, reply{200, "fine"}, minute + 1, false},
		{"500 for ever", 500, reply{500, ""}, reply{500, ""}, minute + 2, false},
		{"503", 503, reply{200, "full"}, reply{200, "fine"}, minute + 1, false},
		{"the summary without its query", 404, reply{404, ""}, reply{400, ""}, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, containersInSummary, func(t *testing.T, b *env) {
				b.replyByQuery("a", reply{tt.code, ""}, tt.withoutQuery)
				b.replyByQuery("rates-of-a", tt.summary, reply{200, "fine"})
				if tt.summary.code != 400 {
					b.replyByQuery("rates-of-a", tt.summary, tt.summary)
				}
				n := node("a")
				n.URL, n.SummaryURL = "http://a/?name[]=x", "http://rates-of-a/?only_cpu_and_memory=true"
				b.Set(n)
				time.Sleep(time.Minute)
				if why := b.Status("a").Message; (why == "") != tt.served {
					t.Errorf("message %q", why)
				}
				if got := b.stored.count("put a"); (got >= minute) != tt.served {
					t.Errorf("%d responses were put", got)
				}
				if got := len(b.kubelets.requests("a")); got > tt.most {
					t.Errorf("the endpoint was scraped %d times, want at most %d", got, tt.most)
				}
			})
		})
	}
}

func TestFallbackWithoutASummary(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		b.reply("a", reply{404, ""})
		alone := node("a")
		alone.SummaryURL = ""
		b.Set(alone)
		time.Sleep(time.Minute)
		if why := b.Status("a").Message; !strings.Contains(why, "no such endpoint") {
			t.Errorf("message %q", why)
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
		{"when the summary fails", func(b *env) { b.reply("rates-of-a", reply{500, ""}) }, 2 * resolution},
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
				b.reply("a", reply{404, ""})
				b.Set(node("a"))
				time.Sleep(2 * resolution)
				b.reply("a", reply{200, "full"})
				time.Sleep(resolution)
				if diff := cmp.Diff(1, b.ThroughSummary()); diff != "" {
					t.Fatalf("before (-want +got):\n%s", diff)
				}
				tt.change(b)
				time.Sleep(tt.after)
				if diff := cmp.Diff(0, b.ThroughSummary()); diff != "" {
					t.Errorf("after (-want +got):\n%s", diff)
				}
				if why := b.Status("a").Message; why != "" {
					t.Errorf("message %q", why)
				}
			})
		})
	}
}

// TestFallbackIsTriedLessAndLess counts how often an endpoint is requested that never has containers: after one minute, two, four and so
// on, and at last once an hour.
func TestFallbackIsTriedLessAndLess(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		b.reply("a", reply{404, ""})
		b.Set(node("a"))
		time.Sleep(2 * time.Hour)
		first := len(b.kubelets.requests("a"))
		if first < 7 || first > 8 {
			t.Errorf("requested %d times in the first two hours, want once at first and after 1, 3, 7, 15, 31 and 63 minutes", first)
		}
		time.Sleep(10 * time.Hour)
		if more := len(b.kubelets.requests("a")) - first; more < 9 || more > 11 {
			t.Errorf("requested %d times in ten hours more", more)
		}
		if b.ThroughSummary() != 1 || b.stored.count("fail") != 0 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
	})
}

// TestFallbackOfAnOldAddress has a node move while it is scraped at the old address.
func TestFallbackOfAnOldAddress(t *testing.T) {
	inBubble(t, containersInSummary, func(t *testing.T, b *env) {
		release := make(chan struct{})
		b.reply("a", reply{404, ""})
		b.kubelets.set("rates-of-a", func(r *http.Request) (*http.Response, error) {
			<-release
			return body(r, 200, "fine")
		})
		b.Set(node("a"))
		time.Sleep(2 * time.Second)
		other := node("a")
		other.URL, other.UID, other.SummaryURL = "http://b", "2", "http://rates-of-b"
		b.reply("b", reply{200, "full"})
		b.Set(other)
		close(release)
		time.Sleep(2 * resolution)
		if b.ThroughSummary() != 0 || len(b.kubelets.requests("b")) == 0 {
			t.Errorf("%d nodes through the summary, the new address was scraped %d times", b.ThroughSummary(), len(b.kubelets.requests("b")))
		}
	})
}
