package fleet

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestRegister(t *testing.T) {
	api := fake.NewClientset()
	f, _ := newFleet(t, Options{Name: "demo", Nodes: 30})
	for range 2 { // The second time is after a fleet that went without Unregister.
		if err := f.Register(t.Context(), api); err != nil {
			t.Fatal(err)
		}
	}
	list, err := api.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{LabelSelector: "plimsoll.dev/fleet=demo,type=kwok"})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 30 {
		t.Fatalf("%d nodes are registered", len(list.Items))
	}
	n := list.Items[2]
	got := map[string]any{
		"name": n.Name, "kwok": n.Annotations["kwok.x-k8s.io/node"], "addresses": n.Status.Addresses,
		"port": int(n.Status.DaemonEndpoints.KubeletEndpoint.Port), "cpu": n.Status.Capacity.Cpu().String(),
		"memory": n.Status.Allocatable.Memory().String(), "pods": n.Status.Allocatable.Pods().String(),
		"ready": n.Status.Conditions[0].Status, "os": n.Status.NodeInfo.OperatingSystem,
	}
	want := map[string]any{
		"name": "node-0003", "kwok": "fake", "addresses": []corev1.NodeAddress{
			{Type: corev1.NodeInternalIP, Address: "127.10.0.3"}, {Type: corev1.NodeHostName, Address: "node-0003"},
		},
		"port": f.Port(), "cpu": "8", "memory": "32Gi", "pods": "110", "ready": corev1.ConditionTrue, "os": "linux",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("node (-want +got):\n%s", diff)
	}
	if n.Status.NodeInfo.BootID == list.Items[3].Status.NodeInfo.BootID || len(n.Status.NodeInfo.BootID) != 36 {
		t.Errorf("boot ID is %q", n.Status.NodeInfo.BootID)
	}
}

func TestRegisterRetriesConflicts(t *testing.T) {
	api := fake.NewClientset()
	conflicts := 3
	api.PrependReactor("update", "nodes", func(clienttesting.Action) (bool, runtime.Object, error) {
		if conflicts--; conflicts < 0 {
			return false, nil, nil
		}
		return true, nil, apierrors.NewConflict(corev1.Resource("nodes"), "node-0001", errors.New("a controller was faster"))
	})
	f, _ := newFleet(t, Options{})
	if err := f.Register(t.Context(), api); err != nil {
		t.Error(err)
	}
}

func TestRegisterLeavesOtherNodesAlone(t *testing.T) {
	other := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-0001"}}
	api := fake.NewClientset(other)
	f, _ := newFleet(t, Options{})
	if err := f.Register(t.Context(), api); err == nil || !strings.Contains(err.Error(), "NodePrefix") {
		t.Errorf("registering over another node gives %v", err)
	}
	if err := f.Unregister(t.Context(), api); err != nil {
		t.Error(err)
	}
	if _, err := api.CoreV1().Nodes().Get(t.Context(), "node-0001", metav1.GetOptions{}); err != nil {
		t.Errorf("the other node is gone: %v", err)
	}
}

func TestUnregister(t *testing.T) {
	api := fake.NewClientset()
	f, _ := newFleet(t, Options{Nodes: 3})
	if err := f.Register(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Unregister(t.Context(), api); err != nil {
			t.Fatal(err)
		}
	}
	list, err := api.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("%d nodes are left (%v)", len(list.Items), err)
	}
}

func TestRegisterStopsWithItsContext(t *testing.T) {
	api := fake.NewClientset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	api.PrependReactor("*", "nodes", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, ctx.Err() })
	f, _ := newFleet(t, Options{Nodes: 2})
	if err := f.Register(ctx, api); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "node-000") {
		t.Errorf("registering gives %v", err)
	}
}
