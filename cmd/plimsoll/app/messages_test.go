package app

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

// fixedMessages are the messages of a collector and a store, the same for every node and pod.
type fixedMessages struct {
	scrape, node, pod, details string
	next                       time.Duration
}

func (c fixedMessages) Status(string) progress.Node {
	return progress.Node{Message: c.scrape, Details: c.details, Next: now.Add(c.next)}
}
func (c fixedMessages) NodeMessage(string) string                { return c.node }
func (c fixedMessages) PodMessage(string, string, string) string { return c.pod }

// now is the time of the tests of messages.
var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func TestMessages(t *testing.T) {
	running := &cluster.Pod{Node: "n1", Phase: corev1.PodRunning, Expected: []string{"a"}}
	waiting := &cluster.Pod{Node: "n1", Phase: corev1.PodRunning, Expected: []string{"a"}, NotRunning: &cluster.NotRunning{Idle: []string{"a"}}}
	tests := []struct {
		name     string
		messages fixedMessages
		pod      *cluster.Pod
		wantNode string
		wantPod  string
	}{
		{"the kubelet fails", fixedMessages{"scrape", "node", "pod", "", 0}, running, "scrape", "scrape"},
		{"the kubelet's address fails", fixedMessages{"scrape", "node", "pod", "10.0.0.7", 0}, running, "scrape; 10.0.0.7", "scrape"},
		{"a scrape is incomplete", fixedMessages{"", "node", "pod", "", 0}, running, "node", "pod"},
		{"the next scrape is due", fixedMessages{"scrape", "", "", "10.0.0.7", 1400 * time.Millisecond}, running,
			"scrape; 10.0.0.7; the next scrape is due in 1s", "scrape; the next scrape is due in 1s"},
		{"a second reading is awaited", fixedMessages{"", "node", "pod", "", time.Millisecond}, running,
			"node; the next scrape is due in 1s", "pod; the next scrape is due in 1s"},
		{"nothing is known", fixedMessages{}, running, "too old", "too old"},
		{"the node came back", fixedMessages{details: "10.0.0.7"}, running, "too old", "too old"},
		{"nothing runs", fixedMessages{}, waiting, "too old", "no container of the pod is running"},
		{"not scheduled", fixedMessages{}, &cluster.Pod{Phase: corev1.PodPending}, "too old", "not bound to a node"},
		{"not started", fixedMessages{scrape: "scrape"}, &cluster.Pod{Node: "n1", Phase: corev1.PodPending}, "scrape", "pending"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := messages{collector: tt.messages, gaps: tt.messages, clock: clocktesting.NewFakePassiveClock(now)}
			if got := m.Node("n1"); !strings.Contains(got, tt.wantNode) {
				t.Errorf("node: got %q, want a message with %q", got, tt.wantNode)
			}
			if got := m.Pod(tt.pod); !strings.Contains(got, tt.wantPod) || strings.Contains(got, "10.0.0.7") {
				t.Errorf("pod: got %q, want a message with %q and without an address", got, tt.wantPod)
			}
		})
	}
}

// TestLongestMessageIsSentWhole has a node with the longest name fail for the longest causes of a kubelet and of an engine. The server truncates
// messages of more than 2 KiB, and the code stands at the end.
func TestLongestMessageIsSentWhole(t *testing.T) {
	var kubelets, engines cause.Cause
	for c := range cause.All() {
		longest := &kubelets
		if strings.HasPrefix(c.String(), "PLM-ENGINE") {
			longest = &engines
		}
		if c.Label() != "" && len(c.Message()) > len(longest.Message()) {
			*longest = c
		}
	}
	subject, excerpt := progress.Subject(strings.Repeat("n", 253)), strings.Repeat("a", 200)
	status := func(failed cause.Cause) fixedMessages {
		return fixedMessages{scrape: "usage of " + subject + " could not be read from the engine for 1000h0m0s: " + failed.Message(), details: "addresses tried: " + excerpt}
	}
	k, e := status(kubelets), status(engines)
	fails := fixedMessages{scrape: both(k.scrape, e.scrape), details: both(k.details, e.details), next: time.Minute}
	m := messages{collector: fails, gaps: fails, clock: clocktesting.NewFakePassiveClock(now)}
	if n := len("nodes.metrics.k8s.io " + subject + " not found: " + m.Node("n")); n > 2<<10 || n < 1<<10 {
		t.Errorf("the longest message has %d bytes", n)
	}
}
