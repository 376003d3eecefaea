package certificates

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
)

// load is what clients do all the time.
type load struct {
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu sync.Mutex
	// requests and dials are how many there were.
	requests, dials int
	failures        []failure
}

// failure is a call that failed, and when.
type failure struct {
	at  time.Time
	err error
}

// startRequests requests the nodes through the aggregator a hundred times a second. The context is that of the load.
func startRequests(t *testing.T) (*load, context.Context) {
	t.Helper()
	client, err := rest.HTTPClientFor(env.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	l := &load{cancel: cancel}
	l.every(ctx, 10*time.Millisecond, &l.requests, func(ctx context.Context) error {
		return get(ctx, client, env.AdminConfig().Host+"/apis/metrics.k8s.io/v1beta1/nodes")
	})
	return l, ctx
}

// startLoad makes ten connections a second to the server beside that.
func startLoad(t *testing.T, server *cluster.Server) *load {
	t.Helper()
	l, ctx := startRequests(t)
	services := apiServices(t)
	l.every(ctx, 100*time.Millisecond, &l.dials, func(ctx context.Context) error {
		s, err := services.Get(ctx, objectName("v1"), metav1.GetOptions{})
		if err != nil {
			return err
		}
		_, err = dial(ctx, server, s.Spec.CABundle)
		return err
	})
	return l
}

// every calls something at a rate, whatever the calls take.
func (l *load) every(ctx context.Context, interval time.Duration, count *int, call func(context.Context) error) {
	l.running.Go(func() { observe.Repeat(ctx, interval, func(ctx context.Context) { l.record(count, call(ctx)) }) })
}

func (l *load) record(count *int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*count++
	if err != nil {
		l.failures = append(l.failures, failure{time.Now(), err})
	}
}

// failed is how many calls have failed so far.
func (l *load) failed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.failures)
}

// stop ends the load, and returns when all calls have ended.
func (l *load) stop() {
	l.cancel()
	l.running.Wait()
}

// check ends the load and fails the test where a call failed.
func (l *load) check(t *testing.T) {
	t.Helper()
	l.stop()
	t.Logf("%d requests and %d new connections, of which %d failed", l.requests, l.dials, len(l.failures))
	if l.requests < 1000 || l.dials < 100 {
		t.Error("the load was too small")
	}
	var errs []error
	for _, f := range l.failures[:min(10, len(l.failures))] {
		errs = append(errs, fmt.Errorf("%s: %w", f.at.Format(time.TimeOnly), f.err))
	}
	if len(errs) > 0 {
		t.Errorf("failed: %v", errors.Join(errs...))
	}
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
