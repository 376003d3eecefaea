package framework

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// TestPopulate compares a copy with a pod that was created as users do.
func TestPopulate(t *testing.T) {
	b, err := cluster.Start(t.Context(), cluster.Options{Dir: t.TempDir(), Nodes: 3, WithoutServer: true, Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
	})
	const perNode = 20
	if err := b.Populate(t.Context(), perNode); err != nil {
		t.Fatal(err)
	}
	list, err := b.Client.CoreV1().Pods(metav1.NamespaceAll).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkDistinct(t, list.Items, len(b.Fleet.Nodes())*perNode)
	created, copied := pod(t, list, "team-1", "node-0001-001"), pod(t, list, "team-1", "node-0002-010")
	created, copied = withoutOwn(created), withoutOwn(copied)
	if diff := cmp.Diff(created, copied, cmpopts.IgnoreTypes(metav1.Time{}, &metav1.Time{})); diff != "" {
		t.Errorf("a pod (-created +copied):\n%s", diff)
	}
}

// checkDistinct wants all pods to run, and each to have a UID, a name and an address of its own.
func checkDistinct(t *testing.T, pods []corev1.Pod, want int) {
	t.Helper()
	uids, addresses, versions := sets.New[types.UID](), sets.New[string](), sets.New[string]()
	for _, p := range pods {
		if p.Status.Phase != corev1.PodRunning {
			t.Errorf("pod %s/%s is %s", p.Namespace, p.Name, p.Status.Phase)
		}
		uids.Insert(p.UID)
		addresses.Insert(p.Status.PodIP)
		versions.Insert(p.ResourceVersion)
	}
	if len(pods) != want || len(uids) != want || len(addresses) != want || len(versions) != want {
		t.Errorf("%d pods with %d UIDs, %d addresses and %d versions, want %d of each", len(pods), len(uids), len(addresses), len(versions), want)
	}
}

func pod(t *testing.T, list *corev1.PodList, namespace, name string) *corev1.Pod {
	t.Helper()
	i := slices.IndexFunc(list.Items, func(p corev1.Pod) bool { return p.Namespace == namespace && p.Name == name })
	if i < 0 {
		t.Fatalf("there is no pod %s/%s", namespace, name)
	}
	return &list.Items[i]
}

// withoutOwn replaces all that a pod has of its own.
func withoutOwn(p *corev1.Pod) *corev1.Pod {
	p = p.DeepCopy()
	for i := range p.Status.ContainerStatuses {
		id := &p.Status.ContainerStatuses[i].ContainerID
		*id = strings.ReplaceAll(*id, string(p.UID), "UID")
	}
	p.Name, p.UID, p.ResourceVersion, p.ManagedFields = "NAME", "UID", "VERSION", nil
	p.Spec.NodeName, p.Status.HostIP, p.Status.HostIPs, p.Status.PodIP, p.Status.PodIPs = "NODE", "IP", nil, "IP", nil
	for i := range p.Spec.Volumes {
		p.Spec.Volumes[i].Name = "VOLUME"
	}
	for i := range p.Spec.Containers {
		for j := range p.Spec.Containers[i].VolumeMounts {
			p.Spec.Containers[i].VolumeMounts[j].Name = "VOLUME"
		}
	}
	return p
}
