package apiserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// selected is what a selector selects from: an object's name with its namespace, its labels and its fields.
type selected struct {
	namespace, name string
	labels          labels.Set
	fields          fields.Set
}

// labelled are the labels of the pods and nodes, one each.
var labelled = []map[string]string{
	nil, {}, {"app": "web"}, {"app": ""}, {"app": "web", "tier": "front"}, {"app": "db", "tier": "back", "rank": "7"}, {"tier": "front"}, {"rank": "10"},
	{"rank": "-3"}, {"app.kubernetes.io/name": "web", "app": "web"}, {"a": "b", "c": "d", "e": "f", "g": "h", "i": "j"}, {"App": "web"}, {"app": "Web"},
}

// FuzzSelectors lists with any selectors. The response has what the library selects, or is 400 where the library cannot read the selectors.
func FuzzSelectors(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"app=web", ""}, {"app==web,tier!=back", ""}, {"app in (web,db),!rank", "metadata.namespace=shop"}, {"app notin (web)", "spec.nodeName=n1"},
		{"rank>5,rank<20", ""}, {"app", "metadata.name!=pod-3"}, {"app=", "metadata.name=pod-2,metadata.namespace=office"}, {"app in ()", "a=b"},
		{"app=web=", "metadata.name"}, {"app in (web", "metadata.name==pod-1"}, {"!app,!tier", `metadata.name=a\,b\=c`}, {"a b", "="}, {"x/y/z=1", ","},
	} {
		for where := range uint8(4) {
			f.Add(seed[0], seed[1], where)
		}
	}
	h, lists := newSelectable(f)
	f.Fuzz(func(t *testing.T, labelSelector, fieldSelector string, where uint8) {
		path := []string{"nodes", "pods", "namespaces/shop/pods", "namespaces/office/pods"}[where%4]
		query := url.Values{"labelSelector": {labelSelector}, "fieldSelector": {fieldSelector}}
		response := get(t.Context(), h, apisMetrics+"v1/"+path+"?"+query.Encode(), asJSON)
		want, ok := selectFrom(lists[path], labelSelector, fieldSelector)
		switch {
		case len(query.Encode()) > 16<<10 && response.Code == http.StatusBadRequest:
		case !ok && response.Code == http.StatusBadRequest:
		case !ok || response.Code != http.StatusOK:
			t.Errorf("%s by %q and %q: code %d, %s, and the library selects %v (%t)", path, labelSelector, fieldSelector, response.Code, response.Body, want, ok)
		default:
			var list metav1.PartialObjectMetadataList
			if err := json.Unmarshal(response.Body.Bytes(), &list); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, item := range list.Items {
				got = append(got, item.Namespace+"/"+item.Name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s by %q and %q (-library +response):\n%s", path, labelSelector, fieldSelector, diff)
			}
		}
	})
}

// selectFrom selects by the library. It is false for selectors that are refused: what the library cannot read, fields that there are not, and more
// requirements or values than are allowed.
func selectFrom(from []selected, labelSelector, fieldSelector string) (names []string, ok bool) {
	byLabels, err := labels.Parse(labelSelector)
	if err != nil {
		return nil, false
	}
	byFields, err := fields.ParseSelector(fieldSelector)
	if err != nil {
		return nil, false
	}
	requirements, _ := byLabels.Requirements()
	values := 0
	for i := range requirements {
		values += len(requirements[i].ValuesUnsorted())
	}
	if len(requirements) > 128 || values > 1024 || len(byFields.Requirements()) > 128 {
		return nil, false
	}
	for _, r := range byFields.Requirements() {
		if !from[0].fields.Has(r.Field) {
			return nil, false
		}
	}
	for _, o := range from {
		if byLabels.Matches(o.labels) && byFields.Matches(o.fields) {
			names = append(names, o.namespace+"/"+o.name)
		}
	}
	return names, true
}

// newSelectable serves the nodes and pods of a cluster, as the API server of the cluster gives them, and returns what each path selects from.
func newSelectable(f *testing.F) (http.Handler, map[string][]selected) {
	f.Helper()
	var objects []runtime.Object
	lists := map[string][]selected{}
	for i, set := range labelled {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%02d", i), UID: "n", Labels: set}}
		objects = append(objects, node)
		lists["nodes"] = append(lists["nodes"], selected{name: node.Name, labels: set, fields: fields.Set{"metadata.name": node.Name, "metadata.namespace": ""}})
	}
	for _, namespace := range []string{"office", "shop"} {
		for i, set := range labelled {
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("pod-%02d", i), UID: "p", Labels: set},
				Spec:       corev1.PodSpec{NodeName: fmt.Sprintf("n%d", i%3), Containers: []corev1.Container{{Name: "c"}}},
				Status:     corev1.PodStatus{Phase: corev1.PodRunning},
			}
			objects = append(objects, pod)
			s := selected{namespace: namespace, name: pod.Name, labels: set, fields: fields.Set{
				"metadata.name": pod.Name, "metadata.namespace": namespace, "spec.nodeName": pod.Spec.NodeName,
			}}
			lists["pods"] = append(lists["pods"], s)
			lists["namespaces/"+namespace+"/pods"] = append(lists["namespaces/"+namespace+"/pods"], s)
		}
	}
	c := follow(f, objects)
	for node := range c.Nodes().All() {
		node.Usage.Publish(&usage.Node{Time: sampled, Window: time.Second, ResourceVersion: 1}, fresh())
	}
	for pod := range c.Pods().All() {
		used := &usage.Pod{Node: pod.Node, Time: sampled, Window: time.Second, ResourceVersion: 1}
		for _, name := range pod.Expected {
			used.Containers = append(used.Containers, usage.Container{Name: name})
		}
		pod.Usage.Publish(used, fresh())
	}
	config := fakeCluster{}.config()
	config.Extra.Home = &apiserver.Readers{
		Usage: reader(), Nodes: c.Nodes(), NodeMessages: nodeMessages{}, Pods: c.Pods(), PodMessages: podMessages{},
	}
	server, err := config.Complete().New("test")
	if err != nil {
		f.Fatal(err)
	}
	return server.Handler(), lists
}

// follow returns a cluster that knows the objects, and ends when the test does.
func follow(f *testing.F, objects []runtime.Object) *cluster.Cluster {
	f.Helper()
	c := cluster.New(fake.NewClientset(objects...), labels.Everything(), noNodes{}, cluster.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() { _ = c.Start(ctx) })
	f.Cleanup(func() { cancel(); following.Wait() })
	err := wait.PollUntilContextTimeout(ctx, time.Millisecond, time.Minute, true, func(context.Context) (bool, error) { return c.Synced(), nil })
	if err != nil {
		f.Fatalf("the cluster does not know its objects: %v", err)
	}
	return c
}

// noNodes is not interested in nodes.
type noNodes struct{}

func (noNodes) Set(*cluster.Node) {}
func (noNodes) Remove(string)     {}
