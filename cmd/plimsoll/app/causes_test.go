package app

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

type why struct{ look, node, pod string }

func (w why) Cause(string) string                    { return w.look }
func (w why) WhyNoNode(string) string                { return w.node }
func (w why) WhyNoPod(string, string, string) string { return w.pod }

func TestCauses(t *testing.T) {
	running := &cluster.Pod{Node: "n1", Phase: corev1.PodRunning, Expected: []string{"a"}}
	waiting := &cluster.Pod{Node: "n1", Phase: corev1.PodRunning, Expected: []string{"a"}, NotRunning: &cluster.NotRunning{Idle: []string{"a"}}}
	tests := []struct {
		name      string
		why       why
		pod       *cluster.Pod
		node, ofP string
	}{
		{"the kubelet fails", why{"look", "node", "pod"}, running, "look", "look"},
		{"the kubelet lacks something", why{"", "node", "pod"}, running, "node", "pod"},
		{"nothing is known", why{}, running, "too old", "too old"},
		{"nothing runs", why{}, waiting, "too old", "no container of the pod is running"},
		{"not scheduled", why{}, &cluster.Pod{Phase: corev1.PodPending}, "too old", "not bound to a node"},
		{"not started", why{"look", "", ""}, &cluster.Pod{Node: "n1", Phase: corev1.PodPending}, "look", "pending"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := causes{looks: tt.why, lacks: tt.why}
			if got := (nodeCauses{c}).Node("n1"); !strings.Contains(got, tt.node) {
				t.Errorf("node: got %q, want something with %q", got, tt.node)
			}
			if got := (podCauses{c}).Pod(tt.pod); !strings.Contains(got, tt.ofP) {
				t.Errorf("pod: got %q, want something with %q", got, tt.ofP)
			}
		})
	}
}
