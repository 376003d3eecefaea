package podmetrics_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/tools/cache"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

type pods []*cluster.Pod

func (ps pods) Get(namespace, name string) (*cluster.Pod, bool) {
	for _, p := range ps {
		if p.Namespace == namespace && p.Name == name {
			return p, true
		}
	}
	return nil, false
}

func (ps pods) List(_ context.Context, namespace string, selector labels.Selector, _ cache.ObjectName, _ int) (list []*cluster.Pod, _ error) {
	for _, p := range ps {
		if (namespace == "" || p.Namespace == namespace) && selector.Matches(p.Labels) {
			list = append(list, p)
		}
	}
	return list, nil
}

type key struct {
	node, namespace, name, uid string
}

type usages map[key]usage.Pod

// reader publishes the usage in the cells of the pods that run on its node, and returns a reader for which all usage is fresh.
func (u usages) reader(ps pods) *usage.Reader {
	for _, p := range ps {
		p.Usage = &usage.PodCell{}
		for k, used := range u {
			if k.namespace == p.Namespace && k.name == p.Name && k.uid == p.UID {
				used.Node = k.node
				p.Usage.Publish(&used, usage.Freshness{Seen: 1, Advanced: 1})
			}
		}
	}
	return usage.NewReader(usage.Staleness{}, func() time.Time { return sampled }, func() uint64 { return 7 })
}

// messages is the explanation of a cluster that is ready once notReady is nil.
type messages struct{ notReady error }

func (messages) Pod(p *cluster.Pod) string { return "node " + p.Node + " does not respond" }
func (m messages) Ready() error            { return m.notReady }
func (messages) Expired() error            { return nil }

var sampled = time.Date(2026, 8, 21, 10, 0, 5, 600_000_000, time.UTC)

func pod(name, node string, phase corev1.PodPhase) *cluster.Pod {
	return &cluster.Pod{
		Namespace: "shop", Name: name, UID: "uid-" + name, Created: uint32(sampled.Add(-time.Hour).Unix()),
		Labels: cluster.NewLabels(map[string]string{"app": name}),
		Node:   node, Phase: phase, Expected: []string{"web"},
	}
}

func used(containers ...usage.Container) usage.Pod {
	return usage.Pod{Time: sampled, Window: 13402 * time.Millisecond, Containers: containers, ResourceVersion: 5}
}

var web = usage.Container{Name: "web", CPU: 12_345_678, Memory: 64 << 20}

func running(name string) *cluster.Pod { return pod(name, "n1", corev1.PodRunning) }

func get(t *testing.T, p *cluster.Pod, u usage.Pod) (runtime.Object, error) {
	t.Helper()
	rest := podmetrics.NewREST(pods{p}, usages{{"n1", "shop", "a", "uid-a"}: u}.reader(pods{p}), messages{})
	return rest.Get(genericapirequest.WithNamespace(t.Context(), "shop"), p.Name, nil)
}

func TestGet(t *testing.T) {
	sidecar := usage.Container{Name: "proxy", CPU: 1000, Memory: 4097}
	got, err := get(t, running("a"), used(web, sidecar))
	if err != nil {
		t.Fatal(err)
	}
	want := &metrics.PodMetrics{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "a", UID: "uid-a", ResourceVersion: "5",
			CreationTimestamp: metav1.Unix(sampled.Add(-time.Hour).Unix(), 0),
			Labels:            map[string]string{"app": "a"},
		},
		Timestamp: metav1.NewTime(sampled),
		Window:    metav1.Duration{Duration: 13402 * time.Millisecond},
		Containers: []metrics.ContainerMetrics{
			{Name: "web", Usage: corev1.ResourceList{"cpu": resource.MustParse("12345678n"), "memory": resource.MustParse("64Mi")}},
			{Name: "proxy", Usage: corev1.ResourceList{"cpu": resource.MustParse("1u"), "memory": resource.MustParse("4097")}},
		},
	}
	if diff := cmp.Diff(want, api(got)); diff != "" {
		t.Error(diff)
	}
}

// A pod is served complete or not at all.
func TestNotServed(t *testing.T) {
	wrapped := usage.Container{Name: "proxy", CPU: math.MaxUint64}
	timeless, windowless := used(web), used(web)
	timeless.Time, windowless.Window = time.Time{}, 0
	ended := running("a")
	ended.Expected = nil
	reborn := running("a")
	reborn.UID = "uid-b"
	tests := []struct {
		name    string
		pod     *cluster.Pod
		usage   usage.Pod
		message string
	}{
		{"succeeded", pod("a", "n1", corev1.PodSucceeded), used(web), "the pod has ended, its phase is Succeeded (PLM-POD-ENDED)"},
		{"failed", pod("a", "n1", corev1.PodFailed), used(web), "the pod has ended, its phase is Failed (PLM-POD-ENDED)"},
		{"on another node", pod("a", "n2", corev1.PodRunning), used(web), "node n2 does not respond"},
		{"another pod of that name", reborn, used(web), "node n1 does not respond"},
		{"with containers that have ended", ended, used(web), "node n1 does not respond"},
		{"without containers", running("a"), used(), "node n1 does not respond"},
		{"with an impossible container", running("a"), used(web, wrapped), "node n1 does not respond"},
		{"without a time", running("a"), timeless, "node n1 does not respond"},
		{"without a window", running("a"), windowless, "node n1 does not respond"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object, err := get(t, tt.pod, tt.usage)
			if object != nil || err == nil {
				t.Fatalf("Get gave %v, %v, want an error alone", object, err)
			}
			if want := `pods.metrics.k8s.io "a" not found: ` + tt.message; err.Error() != want {
				t.Errorf("Get gave error %q, want %q", err, want)
			}
		})
	}
}

func TestList(t *testing.T) {
	all := pods{running("a"), running("b"), pod("c", "n2", corev1.PodRunning), pod("d", "n1", corev1.PodSucceeded), running("unmeasured")}
	published := usages{
		{"n1", "shop", "a", "uid-a"}: used(web), {"n1", "shop", "b", "uid-b"}: used(web),
		{"n2", "shop", "c", "uid-c"}: used(web), {"n1", "shop", "d", "uid-d"}: used(web),
	}
	tests := []struct {
		name, namespace, fields string
		want                    []string
	}{
		{"all namespaces", "", "", []string{"a", "b", "c"}},
		{"one namespace", "shop", "", []string{"a", "b", "c"}},
		{"another namespace", "office", "", nil},
		{"by name", "shop", "metadata.name=b", []string{"b"}},
		{"by namespace", "", "metadata.namespace!=shop", nil},
		{"on a node", "", "spec.nodeName=n1", []string{"a", "b"}},
		{"not on a node", "", "spec.nodeName!=n1", []string{"c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rest := podmetrics.NewREST(all, published.reader(all), messages{})
			list, err := listPods(t.Context(), rest, tt.namespace, tt.fields)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, item := range list.Items {
				names = append(names, item.Name)
			}
			if diff := cmp.Diff(tt.want, names); diff != "" || list.Items == nil || list.ResourceVersion != "7" {
				t.Errorf("items nil: %t, resource version %q, %s", list.Items == nil, list.ResourceVersion, diff)
			}
		})
	}
}

// TestWhatFollowsAPageIsNotRead counts the pods that are read for the metric of ages: those on the page.
func TestWhatFollowsAPageIsNotRead(t *testing.T) {
	all, published := pods{running("a"), running("b"), running("c")}, usages{}
	for _, p := range all {
		published[key{"n1", "shop", p.Name, p.UID}] = used(web)
	}
	read := 0
	rest := podmetrics.NewREST(all, published.reader(all).OnEachRead(func(time.Time) { read++ }), messages{})
	object, err := rest.List(genericapirequest.WithNamespace(t.Context(), "shop"), &internalversion.ListOptions{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if remaining := object.(metav1.ListInterface).GetRemainingItemCount(); read != 1 || remaining == nil || *remaining != 2 {
		t.Errorf("%d pods were read for a page of one, and %v remain", read, remaining)
	}
}

func TestListBeforeItIsReady(t *testing.T) {
	rest := podmetrics.NewREST(pods{running("a")}, usages{}.reader(nil), messages{notReady: errors.New("no node has been scraped")})
	if got, err := listPods(t.Context(), rest, "", ""); err == nil {
		t.Errorf("List gave %v, want an error", got)
	}
}

// silent are the messages of a cluster in which nothing has usage.
type silent struct{ messages }

func (silent) Expired() error { return errors.New("all kubelets are away") }

// TestListWithoutAnyUsage is no empty list where pods that run are selected: an autoscaler would take it for a load of nothing.
func TestListWithoutAnyUsage(t *testing.T) {
	waiting := running("waits")
	waiting.NotRunning = &cluster.NotRunning{Idle: waiting.Expected}
	all := pods{
		running("a"), running("b"), pod("new", "", corev1.PodPending), pod("starts", "n1", corev1.PodPending),
		pod("done", "n1", corev1.PodSucceeded), waiting,
	}
	fresh := usages{{"n1", "shop", "b", "uid-b"}: used(web)}
	for _, tt := range []struct {
		name     string
		selector string
		messages podmetrics.Messages
		usages   usages
		refused  bool
	}{
		{"nothing is fresh", "", silent{}, usages{}, true},
		{"nothing is fresh, one pod", "metadata.name=a", silent{}, usages{}, true},
		{"one that is not bound", "metadata.name=new", silent{}, usages{}, false},
		{"one that starts", "metadata.name=starts", silent{}, usages{}, false},
		{"one that has ended", "metadata.name=done", silent{}, usages{}, false},
		{"one that waits to start again", "metadata.name=waits", silent{}, usages{}, false},
		{"none", "metadata.name=other", silent{}, usages{}, false},
		{"one is served", "", silent{}, fresh, false},
		{"others are served", "metadata.name=a", messages{}, fresh, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := listPods(t.Context(), podmetrics.NewREST(all, tt.usages.reader(all), tt.messages), "shop", tt.selector)
			if refused := apierrors.IsServiceUnavailable(err); refused != tt.refused || !refused && err != nil {
				t.Errorf("got the error %v", err)
			}
			if tt.refused {
				if seconds, ok := apierrors.SuggestsClientDelay(err); !ok || seconds != 1 || !strings.Contains(err.Error(), "pods.metrics.k8s.io cannot be served: all kubelets are away") {
					t.Errorf("got the error %v, to be tried again after %d s", err, seconds)
				}
			}
		})
	}
}

func listPods(ctx context.Context, rest *podmetrics.REST, namespace, selector string) (*metrics.PodMetricsList, error) {
	object, err := rest.List(genericapirequest.WithNamespace(ctx, namespace),
		&internalversion.ListOptions{FieldSelector: fields.ParseSelectorOrDie(selector)})
	if err != nil {
		return nil, err
	}
	return api(object).(*metrics.PodMetricsList), nil
}

// api is what was returned as one of the API's types.
func api(object runtime.Object) runtime.Object {
	return object.(interface{ API() runtime.Object }).API()
}
