package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/test/docs"
	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// explanations are the rows of the table of faults in docs/troubleshooting.md: the message of each fault.
func explanations(t *testing.T) map[string]string {
	t.Helper()
	rows, err := docs.Faults()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestExplanations has faults of objects, and one of a whole server. TestBadNodes has those of kubelets.
func TestExplanations(t *testing.T) {
	rows := explanations(t)
	nodes, pods := env.Metrics.MetricsV1().NodeMetricses(), env.Metrics.MetricsV1().PodMetricses("default")
	for fault, n := range map[string]*corev1.Node{
		"The kubelet is stopped.": {
			ObjectMeta: metav1.ObjectMeta{Name: "stopped"},
			Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.99.99.99"}}},
		},
		"The Node object has no address.": {ObjectMeta: metav1.ObjectMeta{Name: "addressless"}},
	} {
		makeNode(t, n)
		want(t, rows, fault, func(ctx context.Context) error {
			_, err := nodes.Get(ctx, n.Name, metav1.GetOptions{})
			return err
		})
	}
	for fault, p := range map[string]*corev1.Pod{
		"No node can take the pod.": {ObjectMeta: metav1.ObjectMeta{Name: "unbound"}, Spec: corev1.PodSpec{NodeSelector: map[string]string{"no": "such-node"}}},
		"The pod has ended.":        {ObjectMeta: metav1.ObjectMeta{Name: "ended"}, Spec: corev1.PodSpec{NodeSelector: map[string]string{"no": "such-node"}}, Status: corev1.PodStatus{Phase: corev1.PodSucceeded}},
	} {
		makePod(t, p)
		want(t, rows, fault, func(ctx context.Context) error {
			_, err := pods.Get(ctx, p.Name, metav1.GetOptions{})
			return err
		})
	}
	server, err := env.StartLiveServer(t.Context(), "--source=kubernetes?addressTypes=ExternalDNS")
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, server)
	admin, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	const list = "/apis/metrics.k8s.io/v1/nodes"
	want(t, map[string]string{"a list": "(PLM-API-FAILING): "}, "a list", func(ctx context.Context) error {
		code, body, err := cluster.Get(ctx, admin, list)
		if err != nil || code != http.StatusServiceUnavailable || !strings.Contains(body, `"retryAfterSeconds":1`) {
			return fmt.Errorf("%d, %w", code, err)
		}
		return errors.New(body)
	})
}

// want waits until a request fails with the message of a fault.
func want(t *testing.T, rows map[string]string, fault string, request func(context.Context) error) {
	t.Helper()
	if rows[fault] == "" {
		t.Fatalf("the table of faults has no row %q", fault)
	}
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		if err := request(ctx); err == nil || !strings.Contains(docs.AsOnThePage(err), rows[fault]) {
			return fmt.Errorf("%s got\n%q, want\n%q", fault, docs.AsOnThePage(err), rows[fault])
		}
		return nil
	})
}

// makeNode makes a Node with its status until the test ends.
func makeNode(t *testing.T, n *corev1.Node) {
	t.Helper()
	nodes := env.Client.CoreV1().Nodes()
	if _, err := nodes.Create(t.Context(), n, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "node", n.Name) })
	if _, err := nodes.Patch(t.Context(), n.Name, types.MergePatchType, status(t, n.Status), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
}

// status is a patch that sets what is not empty of a status: controllers change the object at the same time.
func status(t *testing.T, of any) []byte {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"status": of})
	if err != nil {
		t.Fatal(err)
	}
	return patch
}

// makePod makes a Pod with its status until the test ends.
func makePod(t *testing.T, p *corev1.Pod) {
	t.Helper()
	pods := env.Client.CoreV1().Pods("default")
	p.Spec.Containers = []corev1.Container{{Name: "app", Image: "example.invalid/app:1"}}
	if _, err := pods.Create(t.Context(), p, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "pod", p.Name, "--now") })
	if _, err := pods.Patch(t.Context(), p.Name, types.MergePatchType, status(t, p.Status), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
}
