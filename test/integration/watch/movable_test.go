package watch

import (
	"context"
	"errors"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// resource is how the objects of one resource are listed and watched.
type resource struct {
	name   string
	object runtime.Object
	list   func(context.Context, metricsclient.Interface, metav1.ListOptions) (runtime.Object, error)
	watch  func(context.Context, metricsclient.Interface, metav1.ListOptions) (watch.Interface, error)
}

// movable is an informer's client, which one of two replicas serves at a time. It counts what the informer requests.
type movable struct {
	resource resource
	// refusesStreams has the informer begin with a list, as older ones do.
	refusesStreams bool

	mu       sync.Mutex
	at       metricsclient.Interface
	watching *cuttable
	// lists and streams count the successful requests for everything; watches those for changes.
	lists, streams, watches int
}

// IsWatchListSemanticsUnSupported is the method by which the library learns that lists come first.
func (m *movable) IsWatchListSemanticsUnSupported() bool { return m.refusesStreams }

func (m *movable) client() metricsclient.Interface {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

// List implements cache.Lister.
func (m *movable) List(o metav1.ListOptions) (runtime.Object, error) {
	list, err := m.resource.list(context.Background(), m.client(), o)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		m.lists++
	}
	return list, err
}

// Watch implements cache.Watcher.
func (m *movable) Watch(o metav1.ListOptions) (watch.Interface, error) {
	w, err := m.resource.watch(context.Background(), m.client(), o)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
	case o.SendInitialEvents != nil && *o.SendInitialEvents:
		m.streams++
	default:
		m.watches++
	}
	if err != nil {
		return nil, err
	}
	m.watching = newCuttable(w)
	return m.watching, nil
}

// cuttable is a watch that can end as one does whose server ends it: the client sees no error.
type cuttable struct {
	watch.Interface
	events chan watch.Event
	cut    chan struct{}
	once   sync.Once
}

func newCuttable(w watch.Interface) *cuttable {
	c := &cuttable{Interface: w, events: make(chan watch.Event), cut: make(chan struct{})}
	go c.forward()
	return c
}

func (c *cuttable) forward() {
	defer close(c.events)
	defer c.Interface.Stop()
	for {
		select {
		case e, ok := <-c.Interface.ResultChan():
			if !ok {
				return
			}
			select {
			case c.events <- e:
			case <-c.cut:
				return
			}
		case <-c.cut:
			return
		}
	}
}

// ResultChan implements watch.Interface.
func (c *cuttable) ResultChan() <-chan watch.Event { return c.events }

// Stop implements watch.Interface.
func (c *cuttable) Stop() { c.once.Do(func() { close(c.cut) }) }

// move has the client go on at another replica.
func (m *movable) move(to metricsclient.Interface) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at = to; m.watching != nil {
		m.watching.Stop()
	}
}

// counts are the requests so far.
func (m *movable) counts() (lists, streams, watches int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lists, m.streams, m.watches
}

var _ cache.ListerWatcher = &movable{}

// nodeMetrics and podMetrics are the resources, in the two versions of the API.
func nodeMetrics() resource {
	return resource{
		"nodes", &metricsv1beta1.NodeMetrics{},
		func(ctx context.Context, c metricsclient.Interface, o metav1.ListOptions) (runtime.Object, error) {
			return c.MetricsV1beta1().NodeMetricses().List(ctx, o)
		},
		func(ctx context.Context, c metricsclient.Interface, o metav1.ListOptions) (watch.Interface, error) {
			return c.MetricsV1beta1().NodeMetricses().Watch(ctx, o)
		},
	}
}

func podMetrics(selector string) resource {
	return resource{
		"pods " + selector, &metricsv1.PodMetrics{},
		func(ctx context.Context, c metricsclient.Interface, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector = selector
			return c.MetricsV1().PodMetricses("").List(ctx, o)
		},
		func(ctx context.Context, c metricsclient.Interface, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = selector
			return c.MetricsV1().PodMetricses("").Watch(ctx, o)
		},
	}
}

// clientOf reads a replica itself, without the aggregator, as the user who may watch.
func clientOf(t *testing.T, s *cluster.Server) metricsclient.Interface {
	t.Helper()
	config, err := s.ConfigFor("watcher")
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(errors.Join(errors.New("make a client"), err))
	}
	return client
}
