package app

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// fixedMessages are the messages of a collector and a store, the same for every node and pod.
type fixedMessages struct{ scrape, node, pod, details string }

func (c fixedMessages) Message(string) string                    { return c.scrape }
func (c fixedMessages) Details(string) string                    { return c.details }
func (c fixedMessages) NodeMessage(string) string                { return c.node }
func (c fixedMessages) PodMessage(string, string, string) string { return c.pod }

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
		{"the kubelet fails", fixedMessages{"scrape", "node", "pod", ""}, running, "scrape", "scrape"},
		{"the kubelet's address fails", fixedMessages{"scrape", "node", "pod", "10.0.0.7"}, running, "scrape; 10.0.0.7", "scrape"},
		{"a scrape is incomplete", fixedMessages{"", "node", "pod", ""}, running, "node", "pod"},
		{"nothing is known", fixedMessages{}, running, "too old", "too old"},
		{"the node came back", fixedMessages{details: "10.0.0.7"}, running, "too old", "too old"},
		{"nothing runs", fixedMessages{}, waiting, "too old", "no container of the pod is running"},
		{"not scheduled", fixedMessages{}, &cluster.Pod{Phase: corev1.PodPending}, "too old", "not bound to a node"},
		{"not started", fixedMessages{"scrape", "", "", ""}, &cluster.Pod{Node: "n1", Phase: corev1.PodPending}, "scrape", "pending"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := messages{failures: tt.messages, gaps: tt.messages}
			if got := m.Node("n1"); !strings.Contains(got, tt.wantNode) {
				t.Errorf("node: got %q, want a message with %q", got, tt.wantNode)
			}
			if got := m.Pod(tt.pod); !strings.Contains(got, tt.wantPod) || strings.Contains(got, "10.0.0.7") {
				t.Errorf("pod: got %q, want a message with %q and without an address", got, tt.wantPod)
			}
		})
	}
}
