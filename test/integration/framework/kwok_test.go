package framework

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const simulated = "test.plimsoll.dev/simulated"

func checkNodesAndPods(t *testing.T, client kubernetes.Interface) {
	const pods = 10
	for i := range 3 {
		if _, err := client.CoreV1().Nodes().Create(t.Context(), testNode(i), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	api := client.CoreV1().Pods(metav1.NamespaceDefault)
	for i := range pods {
		if _, err := api.Create(t.Context(), testPod(i), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	poll.Eventually(t, 20*time.Second, func(ctx context.Context) error {
		running, err := api.List(ctx, metav1.ListOptions{FieldSelector: "status.phase=Running"})
		if err == nil && len(running.Items) != pods {
			err = fmt.Errorf("%d of %d pods run", len(running.Items), pods)
		}
		return err
	})
	checkNode(t, client)
	checkPod(t, client)
	if err := api.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, 20*time.Second, func(ctx context.Context) error {
		left, err := api.List(ctx, metav1.ListOptions{})
		if err == nil && len(left.Items) != 0 {
			err = fmt.Errorf("%d pods are left", len(left.Items))
		}
		return err
	})
}

// checkNode checks that no field with which a Node was created is changed: the fleet relies on that.
func checkNode(t *testing.T, client kubernetes.Interface) {
	want := testNode(0)
	var got *corev1.Node
	poll.Eventually(t, 20*time.Second, func(ctx context.Context) (err error) {
		if _, err = client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(ctx, want.Name, metav1.GetOptions{}); err != nil {
			return err
		}
		got, err = client.CoreV1().Nodes().Get(ctx, want.Name, metav1.GetOptions{})
		if err == nil && len(got.Spec.Taints) != 0 {
			err = fmt.Errorf("taints are left: %v", got.Spec.Taints)
		}
		return err
	})
	if diff := cmp.Diff(want.Status.Addresses, got.Status.Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Status.DaemonEndpoints, got.Status.DaemonEndpoints); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Status.Capacity, got.Status.Capacity); diff != "" {
		t.Errorf("capacity (-want +got):\n%s", diff)
	}
}

func checkPod(t *testing.T, client kubernetes.Interface) {
	pod, err := client.CoreV1().Pods(metav1.NamespaceDefault).Get(t.Context(), testPod(0).Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	for _, s := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		switch {
		case s.State.Running != nil && s.Ready && *s.Started:
			state[s.Name] = "running"
		case s.State.Terminated != nil && s.State.Terminated.ExitCode == 0:
			state[s.Name] = "completed"
		}
	}
	want := map[string]string{"setup": "completed", "sidecar": "running", "app": "running", "web": "running"}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(pod.Status.HostIP, "127.10.0.") || !strings.HasPrefix(pod.Status.PodIP, "10.128.") {
		t.Errorf("host address %q, pod address %q", pod.Status.HostIP, pod.Status.PodIP)
	}
}

func testNode(i int) *corev1.Node {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("4"),
		corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	name := fmt.Sprintf("node-%d", i)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{simulated: "true"}},
		Status: corev1.NodeStatus{
			Capacity:    capacity,
			Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("127.10.0.%d", i+1)},
				{Type: corev1.NodeHostName, Address: name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 20250}},
		},
	}
}

func testPod(i int) *corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod-%d", i), Namespace: metav1.NamespaceDefault},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "setup", Image: "none"}, {Name: "sidecar", Image: "none", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "app", Image: "none"}, {Name: "web", Image: "none:1"}},
		},
	}
}
