package app

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// brokenKubelets have no connection succeed, because of the error.
type brokenKubelets struct{ err atomic.Pointer[syscall.Errno] }

func (k *brokenKubelets) fail(err syscall.Errno) { k.err.Store(&err) }

// RoundTrip implements http.RoundTripper.
func (k *brokenKubelets) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: *k.err.Load()}
}

// newBroken makes a stack of so many nodes whose kubelets are broken.
func newBroken(t *testing.T, nodes int, k *brokenKubelets) *ClusterStack {
	t.Helper()
	var objects []runtime.Object
	for i := range nodes {
		objects = append(objects, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%04d", i)}, Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: fmt.Sprintf("node-%04d", i)}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		}})
	}
	of := source.Kubelet{HTTPS: true, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeHostName}, RequestTimeout: 10 * time.Second}
	return newStackOf(t, fake.NewClientset(objects...), of, 15*time.Second, func(kubelet.Config, *rest.Config) (*kubelet.Client, error) {
		memory := kubelet.NewMemory(func() int64 { return math.MaxInt64 })
		return kubelet.NewClientThrough(memory, func(*kubelet.Conn) http.RoundTripper { return k }), nil
	})
}

// newStackOf makes a stack whose kubelets are reached by clients of the test.
func newStackOf(t *testing.T, api kubernetes.Interface, of source.Kubelet, resolution time.Duration, newClient func(kubelet.Config, *rest.Config) (*kubelet.Client, error)) *ClusterStack {
	t.Helper()
	counted, err := scrape.NewMetrics(metrics.NewKubeRegistry().Register)
	if err != nil {
		t.Fatal(err)
	}
	kubelets := &Kubelets{Metrics: counted, NewClient: newClient}
	sources := []source.Source{{Kind: source.Resource, NodeSelector: labels.Everything(), Resolution: resolution, Kubelet: of}}
	stack, err := NewClusterStack(StackConfig{
		Client: api, Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: 4 * resolution, Resolution: resolution},
		NewCollector: func(c *cluster.Cluster, s *store.Store) (Collector, error) {
			return kubelets.NewCollector(sources, &rest.Config{}, c, s)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// TestLogOfFailingNodes has 1,000 nodes fail for ten minutes while clients read: each node is logged once, and all together once a minute. A cause that
// comes back is in the line of all nodes, although the log had it a short while ago.
func TestLogOfFailingNodes(t *testing.T) {
	const nodes, minutes = 1000, 10
	for name, changes := range map[string]map[int]syscall.Errno{
		"one cause":             {},
		"causes that alternate": {2: syscall.EHOSTUNREACH, 4: syscall.ECONNREFUSED},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &brokenKubelets{}
				k.fail(syscall.ECONNREFUSED)
				lines := runLogged(t, newBroken(t, nodes, k), func(s *ClusterStack) {
					for minute := range minutes {
						if err, ok := changes[minute]; ok {
							k.fail(err)
						}
						<-time.After(time.Minute)
						for n := range s.cluster.Nodes().All() {
							_ = s.Readers().NodeMessages.Node(n.Name)
						}
					}
				})
				causes := 1 + len(changes)/2
				if most := causes*nodes + minutes; len(lines) > most || len(lines) < nodes {
					t.Errorf("%d lines, want at most %d", len(lines), most)
				}
				if last, want := lines[len(lines)-1], "Nodes fail 1000 PLM-KUBELET-REFUSED (node-0000 node-0001 node-0002 node-0003 node-0004)"; last != want {
					t.Errorf("the last line is %q, want %q", last, want)
				}
			})
		})
	}
}

// runLogged runs the stack while do is running, and returns what is logged: the message of each line, and what fails.
func runLogged(t *testing.T, s *ClusterStack, do func(*ClusterStack)) (lines []string) {
	t.Helper()
	logger := ktesting.NewLogger(ktesting.NopTL{}, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
	ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
	background := s.Background()
	done := make(chan error, len(background))
	for _, b := range background {
		go func() { done <- b.Start(ctx) }()
	}
	do(s)
	cancel()
	for range background {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
		line := entry.Message
		for i := 0; i+1 < len(entry.WithKVList)+len(entry.ParameterKVList); i += 2 {
			if all := append(entry.WithKVList, entry.ParameterKVList...); all[i] == "failing" {
				line += fmt.Sprint(" ", all[i+1])
			}
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// TestLineOfFailingNodesIsBounded has many nodes fail for many causes.
func TestLineOfFailingNodesIsBounded(t *testing.T) {
	failing := failingNodes{cause.KubeletTimeout: {"n3"}, cause.KubeletRefused: {"n1", "n2"}}
	if got, want := failing.String(), "2 PLM-KUBELET-REFUSED (n1 n2), 1 PLM-KUBELET-TIMEOUT (n3)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for c := range cause.All() {
		failing[c] = slices.Repeat([]string{strings.Repeat("n", 253)}, 100)
	}
	if got := failing.String(); len(got) > maxCauses*maxNamed*300 || !strings.HasSuffix(got, " more causes") {
		t.Errorf("%d bytes: %.300s", len(got), got)
	}
}
