package scrape

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// slowDecoder is a decoder that sees no context.
type slowDecoder struct{ takes time.Duration }

func (d slowDecoder) Decode(context.Context, []byte, *sample.Node) error {
	<-time.After(d.takes)
	return nil
}

// TestRemovingANodeWaitsForNoScrape removes and refuses a node while its kubelet hangs, and while its response is decoded.
func TestRemovingANodeWaitsForNoScrape(t *testing.T) {
	decodeSlowly := func(c *testConfig) { c.Sources[0].NewDecoder = func() Decoder { return slowDecoder{time.Hour} } }
	for _, tt := range []struct {
		name   string
		change func(*testConfig)
		behave func(*http.Request) (*http.Response, error)
		stop   func(*env)
	}{
		{"removed while the kubelet hangs", nil, hang, func(b *env) { b.Remove("n") }},
		{"removed while a response is decoded", decodeSlowly, fine, func(b *env) { b.Remove("n") }},
		{"refused while the kubelet hangs", nil, hang, func(b *env) { b.Refuse("n", errors.New("no address")) }},
		{"refused while a response is decoded", decodeSlowly, fine, func(b *env) { b.Refuse("n", errors.New("no address")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.change, func(t *testing.T, b *env) {
				b.kubelets.set("n", tt.behave)
				b.Set(node("n"))
				<-time.After(2 * initialSpread)
				before := time.Now()
				tt.stop(b)
				if waited := time.Since(before); waited > 0 {
					t.Errorf("it waited for %s", waited)
				}
				<-time.After(2 * time.Hour)
				if got := b.stored.count("put n"); got != 0 {
					t.Errorf("%d responses were put: %q", got, b.stored.recorded())
				}
				if got := len(b.kubelets.requests("n")); got != 1 {
					t.Errorf("the kubelet was scraped %d times", got)
				}
			})
		})
	}
}

// TestNodeThatIsSetAgainAtOnce has the response to the removed node's scrape come after that of the node that follows.
func TestNodeThatIsSetAgainAtOnce(t *testing.T) {
	first := true
	decoders := func(c *testConfig) {
		c.Sources[0].NewDecoder = func() Decoder {
			d := slowDecoder{0}
			if first {
				d.takes = time.Minute
			}
			first = false
			return d
		}
	}
	inBubble(t, decoders, func(t *testing.T, b *env) {
		b.Set(node("n"))
		<-time.After(2 * initialSpread)
		b.Remove("n")
		again := node("n")
		again.UID = "2"
		b.Set(again)
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if calls := b.stored.recorded(); slices.Contains(calls, "put n 1") || !slices.Contains(calls, "put n 2") {
			t.Errorf("calls of the store: %q", calls)
		}
		if got := b.Progress().Nodes; got != 1 {
			t.Errorf("%d nodes are followed", got)
		}
	})
}
