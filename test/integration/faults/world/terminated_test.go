package world

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// shutdownDelay is how long Plimsoll serves after SIGTERM, and propagation how long after it is not ready its clients go elsewhere.
	shutdownDelay, propagation = 3 * time.Second, time.Second
	// pace is the time between two calls of each of the clients: 100 calls per second.
	pace = 10 * time.Millisecond
)

// TestTerminatedUnderLoad ends a Plimsoll by SIGTERM while clients call through the API server and directly, with HTTP/2 and HTTP/1.1. As in a cluster,
// they go to another Plimsoll some time after the first is not ready. No call fails.
func TestTerminatedUnderLoad(t *testing.T) {
	first, second := another(t, nil, "--shutdown-delay-duration="+shutdownDelay.String()), another(t, nil)
	t.Cleanup(func() { registerPort(t, env.Server.Port) })
	registerPort(t, first.Port)
	var host atomic.Pointer[string]
	hosts := map[*cluster.Server]string{}
	for _, s := range []*cluster.Server{first, second} {
		hosts[s] = "https://127.0.0.1:" + strconv.Itoa(s.Port)
	}
	at := hosts[first]
	host.Store(&at)
	through := aggregated(t, "terminated")
	poll.Eventually(t, 30*time.Second, autoscalerCall(through))
	clients := map[string]*calls{
		"through the API server": repeat(t, pace, autoscalerCall(through)),
		"direct by HTTP/2":       repeat(t, pace, listAt(t, first, &host, true)),
		"direct by HTTP/1.1":     repeat(t, pace, listAt(t, first, &host, false)),
	}
	from := time.Now()
	pause(t, 3*time.Second)
	if served := requestsOf(t, first); served == 0 {
		t.Fatal("the API server sends nothing to the Plimsoll that is to end")
	}
	terminated := time.Now()
	if err := first.Terminate(); err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, shutdownDelay, func(ctx context.Context) error {
		if probe(ctx, first, "/readyz") == nil {
			return fmt.Errorf("it is still ready")
		}
		return nil
	})
	unready := time.Since(terminated)
	pause(t, propagation)
	elsewhere := hosts[second]
	host.Store(&elsewhere)
	registerPort(t, second.Port)
	select {
	case <-first.Done():
	case <-time.After(time.Minute):
		t.Fatal("it has not ended")
	}
	ended := time.Since(terminated)
	pause(t, 3*time.Second)
	to := time.Now()
	in := func(from, to time.Time) (text string) {
		for _, name := range slices.Sorted(maps.Keys(clients)) {
			text += fmt.Sprintf("%s: %v; ", name, clients[name].between(from, to))
		}
		return text
	}
	for name, c := range clients {
		c.end()
		c.between(from, to).requireServed(t, name)
	}
	end := terminated.Add(ended)
	result{
		before: in(from, terminated), during: in(terminated, end), after: in(end, to),
		again: fmt.Sprintf("not ready %.2f s and ended %.2f s after the signal", unready.Seconds(), ended.Seconds()),
	}.keep(t, "SIGTERM under 100 calls per second of each client")
}

// registerPort has the API server send metrics.k8s.io to a port, and returns when it knows that.
func registerPort(t *testing.T, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	client, err := aggregator.NewForConfig(env.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"service": map[string]any{"port": port}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v1beta1"} {
		if _, err := client.ApiregistrationV1().APIServices().Patch(ctx, version+".metrics.k8s.io", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Errorf("register port %d: %v", port, err)
		}
	}
}

var aggregatedRequest = regexp.MustCompile(`^apiserver_request_total{.*resource="pods",.*version="v1beta1"}`)

// requestsOf is how many lists of pods a server has served by v1beta1, which the clients of the API server request alone.
func requestsOf(t *testing.T, server *cluster.Server) (requests float64) {
	t.Helper()
	for name, value := range own(t, server)(t) {
		if aggregatedRequest.MatchString(name) {
			requests += value
		}
	}
	return requests
}
