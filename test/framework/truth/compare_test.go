package truth

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

var epoch = time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)

// kubelet is a fleet of one node, whose pod n/p has the containers a and b.
type kubelet struct {
	*fleet.Fleet
	t     *testing.T
	clock *testingclock.FakeClock
}

// newKubelet responds three times, five seconds apart: at 0, 5 and 10 s. Container a uses 0.5 cores, then 0.1, then 0.3; b always 0.2. After that b restarts,
// and 12 s later there is a summary.
func newKubelet(t *testing.T) *kubelet {
	k := &kubelet{t: t, clock: testingclock.NewFakeClock(epoch)}
	var err error
	if k.Fleet, err = fleet.New(fleet.Options{Nodes: 1, Clock: k.clock, History: time.Hour, BaseCPU: 1, BaseMemory: 1000}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	long := epoch.Add(-time.Hour)
	err = k.AddPod("node-0001", fleet.Pod{Namespace: "n", Name: "p", UID: "u", Containers: []fleet.Container{
		{Name: "a", Start: long, CPU: 0.5, Memory: 10}, {Name: "b", Start: long, CPU: 0.2, Memory: 20},
	}})
	if err != nil {
		t.Fatal(err)
	}
	k.respond(fleet.PathResource)
	k.use(0.1, 11)
	k.clock.Step(5 * time.Second)
	k.respond(fleet.PathResource)
	k.use(0.3, 12)
	k.clock.Step(5 * time.Second)
	k.respond(fleet.PathResource)
	if err := k.Restart("n", "p", "b"); err != nil {
		t.Fatal(err)
	}
	k.clock.Step(12 * time.Second)
	k.respond(fleet.PathSummary)
	return k
}

func (k *kubelet) use(cores float64, memory uint64) {
	if err := k.SetUsage("n", "p", "a", cores, memory); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kubelet) respond(path string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: k.Address(0)}))
	k.ServeHTTP(httptest.NewRecorder(), r)
}

// pod is one as it is served: container, CPU and memory in turn.
func pod(at, window time.Duration, containers ...string) *metricsv1.PodMetrics {
	p := &metricsv1.PodMetrics{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "p", UID: "u"}}
	p.Timestamp, p.Window = metav1.NewTime(epoch.Add(at)), metav1.Duration{Duration: window}
	for i := 0; i < len(containers); i += 3 {
		p.Containers = append(p.Containers, metricsv1.ContainerMetrics{Name: containers[i], Usage: usage(containers[i+1], containers[i+2])})
	}
	return p
}

func usage(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

func TestPod(t *testing.T) {
	k := newKubelet(t)
	const s = time.Second
	other := pod(10*s, 5*s, "a", "300m", "12", "b", "200m", "20")
	other.UID = "other"
	tests := []struct {
		name string
		pod  *metricsv1.PodMetrics
		// want is a part of the error; empty for none.
		want string
	}{
		{"the newest window", pod(10*s, 5*s, "a", "300m", "12", "b", "200m", "20"), ""},
		{"the window before", pod(5*s, 5*s, "a", "100m", "11", "b", "200m", "20"), ""},
		{"both windows", pod(10*s, 10*s, "a", "200m", "12", "b", "200m", "20"), ""},
		{"windows of the summary", pod(22*s, 12*s, "a", "300m", "12", "b", "200m", "20"), ""},
		{"a rate of the kubelet", pod(22*s, 15*s, "a", "300m", "12", "b", "200m", "20"), ""},
		{"a rate off by rounding", pod(10*s, 5*s, "a", "300000001n", "12", "b", "199999999n", "20"), ""},
		{"another rate", pod(10*s, 5*s, "a", "300000003n", "12", "b", "200m", "20"), `container "a" serves 300000003 nanocores`},
		{"the rate of another window", pod(10*s, 5*s, "a", "200m", "12", "b", "200m", "20"), `container "a" serves`},
		{"the rate of the window before", pod(10*s, 5*s, "a", "100m", "12", "b", "200m", "20"), `container "a" serves`},
		{"a window that is named wrongly", pod(10*s, 6*s, "a", "300m", "12", "b", "200m", "20"), "no two readings with that window"},
		{"another time", pod(9*s, 5*s, "a", "300m", "12", "b", "200m", "20"), "no reading at that time"},
		{"a later time", pod(11*s, 5*s, "a", "300m", "12", "b", "200m", "20"), `container "a" serves`},
		{"memory of another time", pod(10*s, 5*s, "a", "300m", "11", "b", "200m", "20"), `container "a" serves`},
		{"values of two containers", pod(10*s, 5*s, "a", "200m", "20", "b", "300m", "12"), `container "a" serves`},
		{"a rate across a restart", pod(22*s, 12*s, "a", "300m", "12", "b", "0", "20"), `container "b" serves`},
		{"a container is missing", pod(10*s, 5*s, "a", "300m", "12"), "1 containers, and has 2"},
		{"a container that is not there", pod(10*s, 5*s, "a", "300m", "12", "c", "200m", "20"), `container "c": the fleet had none`},
		{"a pod that is not there", other, `pod n/p with uid "other" on "" at 10:00:10, window 5s: the fleet had none`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Pod(k.Fleet, tt.pod)
			check(t, err, tt.want)
		})
	}
}

func TestNodeOfAPodOfWhichNothingTrueIsKnown(t *testing.T) {
	k := newKubelet(t)
	if err := k.SetFault("node-0001", fleet.Clock(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := k.AddPod("node-0001", fleet.Pod{Namespace: "n", Name: "p", UID: "new", Containers: []fleet.Container{{Name: "a", CPU: 0.1}}}); err != nil {
		t.Fatal(err)
	}
	k.respond(fleet.PathResource)
	served := pod(23*time.Second, 5*time.Second, "a", "100m", "0")
	served.UID = "new"
	node, err := Pod(k.Fleet, served)
	if node != "node-0001" {
		t.Errorf("the pod is on %q, want node-0001", node)
	}
	check(t, err, `on "node-0001" at 10:00:23, window 5s: the fleet had none`)
}

func TestNode(t *testing.T) {
	k := newKubelet(t)
	tests := []struct {
		name, node  string
		at, window  time.Duration
		cpu, memory string
		want        string
	}{
		{"the newest window", "node-0001", 10, 5, "1500m", "1032", ""},
		{"the window before", "node-0001", 5, 5, "1300m", "1031", ""},
		{"another window", "node-0001", 10, 5, "1300m", "1032", "no reading at that time"},
		{"another time", "node-0001", 5, 5, "1500m", "1032", "no reading at that time"},
		{"a window that is named wrongly", "node-0001", 10, 6, "1500m", "1032", "no two readings"},
		{"other memory", "node-0001", 10, 5, "1500m", "1031", "no reading"},
		{"a node that is not there", "node-0002", 10, 5, "1500m", "1032", "the fleet had none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, Node(k.Fleet, &metricsv1.NodeMetrics{
				ObjectMeta: metav1.ObjectMeta{Name: tt.node}, Timestamp: metav1.NewTime(epoch.Add(tt.at * time.Second)),
				Window: metav1.Duration{Duration: tt.window * time.Second}, Usage: usage(tt.cpu, tt.memory),
			}), tt.want)
		})
	}
}

func check(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
