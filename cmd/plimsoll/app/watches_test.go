package app

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// watchedServer is the API server of one cluster, whose nodes are scraped by the test.
type watchedServer struct {
	t      *testing.T
	client kubernetes.Interface
	stack  *ClusterStack
	api    metricsclient.Interface
	// scrapes is how often the nodes were scraped.
	scrapes int
}

// watchedPod is a pod with one container, of the label app=NAME.
func watchedPod(name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name, UID: types.UID("uid-" + name), Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "a"}}},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning},
	}
}

// newWatchedServer serves a cluster of the node n and some pods.
func newWatchedServer(t *testing.T, names ...string) *watchedServer {
	t.Helper()
	client := fake.NewClientset(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "uid-n"}})
	// The fake client has no resource versions: a change between the list and the watch would be in neither.
	watched := make(chan struct{}, 8)
	client.PrependWatchReactor("pods", func(a clienttesting.Action) (bool, watch.Interface, error) {
		w, err := client.Tracker().Watch(a.GetResource(), a.GetNamespace())
		watched <- struct{}{}
		return true, w, err
	})
	s := &watchedServer{t: t, client: client}
	for _, name := range names {
		if _, err := s.client.CoreV1().Pods("ns").Create(t.Context(), watchedPod(name, "n"), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	s.stack, err = NewClusterStack(StackConfig{
		Client: s.client, Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, Watch: true,
		NewCollector: func(*cluster.Cluster, *store.Store) (Collector, error) { return settledCollector{}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	<-watched
	s.api = s.serve()
	return s
}

// start runs the background work until the test ends.
func (s *watchedServer) start() {
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	for _, b := range s.stack.Background() {
		running.Go(func() {
			if err := b.Start(ctx); err != nil {
				s.t.Error(err)
			}
		})
	}
	s.t.Cleanup(running.Wait)
	s.t.Cleanup(cancel)
	<-s.stack.cluster.PodsKnown() // The nodes come first.
}

func (s *watchedServer) serve() metricsclient.Interface {
	generic := genericapiserver.NewRecommendedConfig(apiserver.Codecs)
	generic.ExternalAddress = "127.0.0.1:443"
	generic.LoopbackClientConfig = &rest.Config{}
	generic.Authentication.Authenticator = anonymous.NewAuthenticator(nil)
	generic.Authorization.Authorizer = authorizerfactory.NewAlwaysAllowAuthorizer()
	readers := s.stack.Readers()
	config := apiserver.Config{Generic: generic, Extra: apiserver.ExtraConfig{Home: &readers}}
	server, err := config.Complete().New("test")
	if err != nil {
		s.t.Fatal(err)
	}
	listening := httptest.NewServer(server.Handler())
	s.t.Cleanup(listening.Close)
	client, err := metricsclient.NewForConfig(&rest.Config{Host: listening.URL, QPS: -1})
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// scrape puts a response of the node n with these pods, in which each container has used a second more.
func (s *watchedServer) scrape(names ...string) {
	s.scrapes++
	at := time.Now().Add(time.Duration(s.scrapes-100) * time.Second).UnixNano()
	used := sample.Usage{
		CPU:    sample.Reading{Known: true, Time: at, Value: uint64(s.scrapes) * 1e9},
		Memory: sample.Reading{Known: true, Time: at, Value: uint64(s.scrapes) << 20},
	}
	n := &sample.Node{Usage: used}
	for _, name := range names {
		n.Pods = append(n.Pods, sample.Pod{Namespace: "ns", Name: name, Containers: []sample.Container{{Name: "a", Usage: used}}})
	}
	s.stack.store.Put(store.Identity{Name: "n", UID: "uid-n"}, n)
}

// settledCollector collects nothing, and keeps no response back.
type settledCollector struct{ idleCollector }

func (settledCollector) Start(ctx context.Context) error { <-ctx.Done(); return nil }
func (settledCollector) Set(*cluster.Node)               {}
func (settledCollector) Remove(string)                   {}

// summaryOf is a watch event in a line.
func summaryOfEvent(e watch.Event) string {
	switch o := e.Object.(type) {
	case *metricsv1.PodMetrics:
		return fmt.Sprintf("%s %s %v", e.Type, o.Name, o.Labels)
	case *metricsv1.NodeMetrics:
		return fmt.Sprintf("%s %s %v", e.Type, o.Name, o.Labels)
	default:
		return fmt.Sprintf("%s %v", e.Type, o)
	}
}

// TestWatchFollowsTheAPIServer has pods change at the API server while their usage is watched.
func TestWatchFollowsTheAPIServer(t *testing.T) {
	s := newWatchedServer(t, "a", "b")
	s.scrape("a", "b")
	s.scrape("a", "b")
	w, err := s.api.MetricsV1().PodMetricses("").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	relabelled := watchedPod("a", "n")
	relabelled.Labels["app"] = "other"
	ended := relabelled.DeepCopy()
	ended.Status.Phase = corev1.PodSucceeded
	pods := s.client.CoreV1().Pods("ns")
	for _, step := range []struct {
		name   string
		change func() error
		want   []string
	}{
		{"nothing", func() error { return nil }, []string{"ADDED a map[app:a]", "ADDED b map[app:b]"}},
		{"a scrape", func() error { s.scrape("a", "b"); return nil }, []string{"MODIFIED a map[app:a]", "MODIFIED b map[app:b]"}},
		{"another label", func() error {
			_, err := pods.Update(t.Context(), relabelled, metav1.UpdateOptions{})
			return err
		}, []string{"MODIFIED a map[app:other]"}},
		{"the end of a pod", func() error {
			_, err := pods.Update(t.Context(), ended, metav1.UpdateOptions{})
			return err
		}, []string{"DELETED a map[app:other]"}},
		{"a deletion", func() error { return pods.Delete(t.Context(), "b", metav1.DeleteOptions{}) }, []string{"DELETED b map[app:b]"}},
	} {
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		for _, want := range step.want {
			if got := summaryOfEvent(<-w.ResultChan()); got != want {
				t.Errorf("after %s: %s, want %s", step.name, got, want)
			}
		}
	}
}
