package faults

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// logLine is how long a line of the log may become by what a kubelet sends, in bytes.
const logLine = 2 << 10

// TestMalformedHTTP has kubelets answer with what is no HTTP, and look at what each of them leaves in the log.
func TestMalformedHTTP(t *testing.T) {
	faults := []fleet.Fault{
		fleet.StatusLine(60 << 10), fleet.BadChunk(), fleet.BadLength(), fleet.EarlyEnd(),
		fleet.Alternate(fleet.Status(http.StatusInternalServerError), fleet.Garbage()).On(fleet.PathResource),
	}
	bad := first(len(faults))
	before := logOf(t)
	a := attack{
		name: "answers that are no HTTP", nodes: bad, counted: []string{
			scrapes("malformed_http"), scrapes("truncated"),
		},
		wage: func(ctx context.Context, _ *testing.T) error { return misbehave(ctx, bad, faults) },
	}
	a.run(t)
	written := logOf(t)[len(before):]
	for line := range strings.Lines(written) {
		if len(line) > logLine {
			t.Errorf("a line of the log has %d bytes, want at most %d: %.100s...", len(line), logLine, line)
		}
	}
}

func logOf(t *testing.T) string {
	text, err := os.ReadFile(env.Server.Log())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// falseMemory is as much memory as no simulated node uses, in bytes.
const falseMemory = 12_345_678_912

// TestUnsolicitedAnswer has a kubelet send a second answer later, unasked: it is never taken for that to the next request.
func TestUnsolicitedAnswer(t *testing.T) {
	memory := regexp.MustCompile(`(?m)^(node_memory_working_set_bytes) .*$`)
	second := func(healthy []byte) []byte { return memory.ReplaceAll(healthy, fmt.Appendf(nil, "$1 %d", falseMemory)) }
	node := first(1)[0]
	// The node stays among those whose metrics have to be fresh.
	attack{name: "an answer that was not asked for", counted: []string{successes, unrequested}, wage: func(ctx context.Context, t *testing.T) error {
		var served atomic.Bool
		var watching sync.WaitGroup
		watching.Go(func() { served.Store(watchFor(ctx, node, falseMemory)) })
		err := misbehave(ctx, []string{node}, []fleet.Fault{fleet.Unsolicited(resolution/2, second).On(fleet.PathResource)})
		if watching.Wait(); served.Load() {
			t.Error("the answer that was not asked for is served")
		}
		return err
	}}.run(t)
}

// unrequested counts the connections that were closed because a kubelet sent bytes that no request asked for.
const unrequested = `^plimsoll_kubelet_connections_closed_total{cluster="",reason="unrequested_bytes"}`

// watchFor reports whether a node is served with so much memory at any time until ctx ends.
func watchFor(ctx context.Context, node string, bytes int64) (served bool) {
	for ctx.Err() == nil {
		n, err := env.Metrics.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
		if err == nil && n.Usage.Memory().Value() == bytes {
			served = true
		}
		pause(ctx, time.Second)
	}
	return served
}
