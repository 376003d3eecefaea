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

// TestMalformedHTTP has kubelets return responses that are not HTTP, and alternately errors with several reasons, and checks how many lines of the log each of
// them costs, and how long these are.
func TestMalformedHTTP(t *testing.T) {
	faults := []fleet.Fault{
		fleet.StatusLine(60 << 10), fleet.BadChunk(), fleet.BadLength(), fleet.EarlyEnd(),
		fleet.Alternate(fleet.Status(http.StatusInternalServerError), fleet.Garbage()).On(fleet.PathResource),
		fleet.Alternate(fleet.Status(http.StatusServiceUnavailable), fleet.Status(http.StatusUnauthorized)),
	}
	bad := attackers.take(len(faults))
	before := logOf(t)
	env.Fleet.ResetTraffic()
	a := attack{
		name: "responses that are not HTTP", table: kubeletsTable, nodes: bad, counted: []string{
			scrapes("malformed_http"), scrapes("truncated"), scrapes("status"), scrapes("unauthenticated"),
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
	for _, node := range bad {
		checkLines(t, written, node)
	}
	if lines := nodeLines(written, bad[len(bad)-1]); len(lines) < 2 {
		t.Errorf("the log has %v of the node with two alternating reasons, want both", lines)
	}
}

// checkLines wants each message and reason of a node to be logged once at most, as the test is shorter than the time after which one is repeated.
func checkLines(t *testing.T, log, node string) {
	t.Helper()
	lines, total := nodeLines(log, node), 0
	for line, n := range lines {
		if total += n; n > 1 {
			t.Errorf("of %s the log has %d times %s, want once", node, n, line)
		}
	}
	t.Logf("%s: %d lines of the log in %d requests", node, total, env.Fleet.Traffic(node).Requests[fleet.PathResource])
}

// nodeLines counts the lines of a log that name a node, by message and reason.
func nodeLines(log, node string) map[string]int {
	expression := regexp.MustCompile(`\] ("[^"]*").* node="` + regexp.QuoteMeta(node) + `"( reason="[^"]*")?`)
	lines := map[string]int{}
	for _, found := range expression.FindAllStringSubmatch(log, -1) {
		lines[found[1]+found[2]]++
	}
	return lines
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

// TestUnsolicitedResponse has a kubelet send a second response later, without a request: it is never used for the next request.
func TestUnsolicitedResponse(t *testing.T) {
	memory := regexp.MustCompile(`(?m)^(node_memory_working_set_bytes) .*$`)
	second := func(healthy []byte) []byte { return memory.ReplaceAll(healthy, fmt.Appendf(nil, "$1 %d", falseMemory)) }
	node := first(1)[0]
	// The metrics of the node must stay fresh.
	attack{name: "a response without a request", table: kubeletsTable, counted: []string{unrequested}, wage: func(ctx context.Context, t *testing.T) error {
		var served atomic.Bool
		var watching sync.WaitGroup
		watching.Go(func() { served.Store(watchFor(ctx, node, falseMemory)) })
		err := misbehave(ctx, []string{node}, []fleet.Fault{fleet.Unsolicited(resolution/2, second).On(fleet.PathResource)})
		if watching.Wait(); served.Load() {
			t.Error("the response without a request is served")
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
