package cluster

import (
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
)

func TestCopyHasANodeOfItsOwn(t *testing.T) {
	pattern := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "u", Labels: map[string]string{LabelWorkload: "workload-0"}}}
	got := copyOf(pattern, place{name: "b", workload: "workload-7", pod: 300}, "node-0009", net.IPv4(127, 10, 0, 9))
	is := []string{got.Name, got.Spec.NodeName, got.Labels[LabelWorkload], got.Status.HostIP, got.Status.PodIP}
	want := []string{"b", "node-0009", "workload-7", "127.10.0.9", "10.192.1.44"}
	if diff := cmp.Diff(want, is); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if pattern.Labels[LabelWorkload] != "workload-0" {
		t.Error("the pattern has changed")
	}
}

func TestPodAddressesAreDistinct(t *testing.T) {
	const pods = 5000 * 110 // The most that a cluster may have, and more than it should.
	seen := sets.New[string]()
	for i := range pods {
		seen.Insert(podAddress(i).String())
	}
	if len(seen) != pods {
		t.Errorf("%d addresses of %d pods", len(seen), pods)
	}
	if last := podAddress(pods - 1); !netip.MustParsePrefix("10.192.0.0/10").Contains(last) {
		t.Errorf("the last is %s", last)
	}
}
