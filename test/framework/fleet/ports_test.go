package fleet

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// TestTwoFleets has two clusters on one machine whose nodes have the same names and ports.
func TestTwoFleets(t *testing.T) {
	here, _ := newFleet(t, Options{Nodes: 2, ReadOnly: true})
	there, _ := newFleet(t, Options{
		Nodes: 2, Block: 11, Port: here.Port(), ReadOnly: true, ReadOnlyPort: here.ReadOnlyPort(), BaseCPU: 0.3,
	})
	client := httpClient(t)
	for f, pod := range map[*Fleet]string{here: "web-of-here", there: "web-of-there"} {
		addPod(t, f, "node-0002", Pod{Namespace: "shop", Name: pod, UID: "u1", Containers: []Container{{Name: "web"}}})
		start(t, f)
		for _, url := range []string{url(f, 1, PathResource), url(f, 1, PathSummary), plainURL(f, 1, PathResource), plainURL(f, 1, PathSummary)} {
			if status, body := get(t, client, url); status != http.StatusOK || !strings.Contains(body, pod) {
				t.Errorf("%s does not report %s: %d\n%s", url, pod, status, body)
			}
		}
	}
	want := Traffic{Requests: map[string]int{PathResource: 2, PathSummary: 2}, Plain: 2, Concurrent: 1}
	for _, f := range []*Fleet{here, there} {
		if diff := cmp.Diff(want, f.Traffic("node-0002")); diff != "" {
			t.Errorf("traffic (-want +got):\n%s", diff)
		}
	}
}

// TestNodesNameThePortOfHTTPS holds also where there is a read-only port, which no Node names.
func TestNodesNameThePortOfHTTPS(t *testing.T) {
	api := fake.NewClientset()
	f, _ := newFleet(t, Options{Block: 12, ReadOnly: true})
	if err := f.Register(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	n, err := api.CoreV1().Nodes().Get(t.Context(), "node-0001", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if port := int(n.Status.DaemonEndpoints.KubeletEndpoint.Port); port != f.Port() || port == f.ReadOnlyPort() {
		t.Errorf("the node names port %d, want %d; %d is read-only", port, f.Port(), f.ReadOnlyPort())
	}
	if address := n.Status.Addresses[0].Address; address != "127.12.0.1" {
		t.Errorf("the node is at %s", address)
	}
}

func TestReadOnlyPortIsTaken(t *testing.T) {
	f, _ := newFleet(t, Options{ReadOnly: true})
	_, err := New(Options{Nodes: 1, ReadOnly: true, ReadOnlyPort: f.ReadOnlyPort()})
	if err == nil || !strings.Contains(err.Error(), "node-0001") {
		t.Errorf("a second fleet on one read-only port gives %v", err)
	}
}
