package doctor

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestNodes has several nodes fail at once, each in its own way.
func TestNodes(t *testing.T) {
	awaitHealthy(t)
	all := env.Fleet.Nodes()
	skewed, empty, ahead := all[nodes-1], all[nodes-2], all[nodes-3]
	setFault(t, skewed, fleet.Clock(10*time.Minute))
	setFault(t, ahead, fleet.Clock(50*time.Second))
	setFault(t, empty, fleet.NoContainers().Or(fleet.Status(http.StatusNotFound).On(fleet.PathSummary)))
	addNode(t, "down", int32(env.Fleet.Port()))
	addNode(t, "wrong-port", 80)
	addLease(t, "wrong-port", -5*time.Minute)
	want := map[string]string{
		"PLM-NODE-CLOCK":            "node/" + skewed,
		"PLM-KUBELET-NO-CONTAINERS": "node/" + empty,
		"PLM-KUBELET-REFUSED":       "node/down",
		"PLM-NODE-REFUSED-PORT":     "node/wrong-port",
	}
	cures := map[string]string{
		"PLM-NODE-CLOCK": "clock", "PLM-KUBELET-NO-CONTAINERS": "container runtime", "PLM-KUBELET-REFUSED": "check that the kubelet is running", "PLM-NODE-REFUSED-PORT": "port",
	}
	poll.Eventually(t, within, func(ctx context.Context) error {
		r, exit, err := diagnose(ctx)
		if err != nil {
			return err
		}
		for code, object := range want {
			if found := r.finding(code); !slices.Contains(found.Objects, object) || !strings.Contains(found.Cure, cures[code]) {
				return fmt.Errorf("want %s for %s, with a cure that has %q, got %+v", code, object, cures[code], r)
			}
		}
		for _, node := range []string{ahead, "wrong-port"} {
			if !slices.Contains(r.finding("PLM-NODE-CLOCK").Objects, "node/"+node) {
				return fmt.Errorf("the clock of %s is not reported: %+v", node, r)
			}
		}
		if exit != 1 || len(r.Findings) != len(want) {
			return fmt.Errorf("exit code %d, %q", exit, r.codes())
		}
		return nil
	})
	t.Run("one node", func(t *testing.T) { explains(t, "PLM-KUBELET-REFUSED", "node/down", "node", "down") })
	namespace, name := podOn(t, empty)
	t.Run("one pod", func(t *testing.T) {
		explains(t, "PLM-KUBELET-NO-CONTAINERS", "pod/"+namespace+"/"+name, "pod", namespace+"/"+name)
	})
	t.Run("one pod of the namespace", func(t *testing.T) {
		explains(t, "PLM-KUBELET-NO-CONTAINERS", "pod/"+namespace+"/"+name, "pod", name, "--namespace="+namespace)
	})
	t.Run("a node that is well", func(t *testing.T) {
		if r, exit, err := diagnose(t.Context(), "node", all[0]); err != nil || exit != 0 {
			t.Errorf("exit code %d, %v, %+v", exit, err, r)
		}
	})
}

// TestServedWhileScrapesFail has Plimsoll itself know of a failure before its usage is too old to be served.
func TestServedWhileScrapesFail(t *testing.T) {
	awaitHealthy(t)
	node := env.Fleet.Nodes()[1]
	address := fmt.Sprintf("--plimsoll-address=%s:%d", env.Server.Address, env.Server.Port)
	setFault(t, node, fleet.Status(http.StatusForbidden))
	poll.Eventually(t, within, func(ctx context.Context) error {
		r, exit, err := diagnose(ctx, address)
		if err != nil || exit != 1 || !slices.Equal(r.finding("PLM-KUBELET-FORBIDDEN").Objects, []string{"node/" + node}) || len(r.Findings) != 1 {
			return fmt.Errorf("exit code %d, %w, %+v", exit, err, r)
		}
		return nil
	})
	if _, err := env.Metrics.MetricsV1().NodeMetricses().Get(t.Context(), node, metav1.GetOptions{}); err != nil {
		t.Errorf("the node was not served any more: %v", err)
	}
}

// TestAddressOfAnotherServer has doctor send no credentials to a server that caBundle does not verify.
func TestAddressOfAnotherServer(t *testing.T) {
	awaitHealthy(t)
	var received atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	r, exit, err := diagnose(t.Context(), "--plimsoll-address="+server.Listener.Addr().String())
	if err != nil || exit != 2 || received.Load() > 0 {
		t.Errorf("%d requests, exit code %d, %v, %+v", received.Load(), exit, err, r)
	}
}

// explains wants one finding about one object.
func explains(t *testing.T, code, object string, args ...string) {
	t.Helper()
	r, exit, err := diagnose(t.Context(), args...)
	if err != nil || exit != 1 || !slices.Equal(r.codes(), []string{code}) || !slices.Equal(r.finding(code).Objects, []string{object}) {
		t.Errorf("want %s for %s, got exit code %d, %v, %+v", code, object, exit, err, r)
	}
}

func setFault(t *testing.T, node string, fault fleet.Fault) {
	t.Helper()
	if err := env.Fleet.SetFault(node, fault); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Fleet.ClearFault(node); err != nil {
			t.Error(err)
		}
	})
}

// addNode adds a node at an address at which nothing listens.
func addNode(t *testing.T, name string, port int32) {
	t.Helper()
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status: corev1.NodeStatus{
			Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.31.200.1"}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: port}},
		},
	}
	if _, err := env.Client.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Client.CoreV1().Nodes().Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

// addLease renews the lease of a node as its kubelet does, by a clock that differs from the API server's.
func addLease(t *testing.T, node string, ahead time.Duration) {
	t.Helper()
	renewed := metav1.NewMicroTime(time.Now().Add(ahead))
	leases := env.Client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	if _, err := leases.Create(t.Context(), &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: node}, Spec: coordinationv1.LeaseSpec{HolderIdentity: &node, RenewTime: &renewed},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := leases.Delete(context.WithoutCancel(t.Context()), node, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
}

func podOn(t *testing.T, node string) (namespace, name string) {
	t.Helper()
	for _, p := range env.Fleet.Pods() {
		if p.Node == node {
			return p.Namespace, p.Name
		}
	}
	t.Fatalf("no pod runs on %s", node)
	return "", ""
}
