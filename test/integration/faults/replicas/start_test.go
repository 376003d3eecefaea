package replicas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/report"
)

// TestReadyWithUsage has the replicas that run now, which were watched from the start of their processes on: see watchStart.
func TestReadyWithUsage(t *testing.T) {
	poll.Eventually(t, time.Minute, func(context.Context) error {
		if err := pods.failure(); err != nil {
			t.Fatal(err)
		}
		for _, r := range pods.ready() {
			if r.state().firstReady == 0 {
				return fmt.Errorf("pod %s was never ready by its own account", r.pod.Name)
			}
		}
		return nil
	})
	for i, r := range pods.ready() {
		s := r.state()
		figure := fmt.Sprintf("ready %.1f s after its start; %d requests for lists were refused before, and none was served with less than nine of ten", s.firstReady.Seconds(), s.refused)
		t.Log(figure)
		report.Add(t, report.Row{Table: "replicas", Name: fmt.Sprintf("start of replica %d", i+1), Figures: []report.Figure{{Heading: "observation", Text: figure}}})
		if s.refused == 0 {
			t.Errorf("pod %s was not asked before it was ready, so nothing is shown", r.pod.Name)
		}
	}
}

// watchStart requests readiness and a list in turn, as often as it can, from the start of the process until the server is ready. No list is served
// with less than readAll wants, and the server is not ready before such lists are served.
func (r *replica) watchStart(ctx context.Context) error {
	begin := r.state().started
	for ctx.Err() == nil {
		ready := get(ctx, r.client, r.host+"/readyz") == nil
		err := r.readAll(ctx)
		if ctx.Err() != nil {
			break
		}
		if errors.As(err, new(*incompleteError)) || ready && err != nil {
			return fmt.Errorf("pod %s, %s after its start, ready %t: %w", r.pod.Name, time.Since(begin), ready, err)
		}
		if status := new(statusError); errors.As(err, &status) && status.code == http.StatusServiceUnavailable {
			r.set(func(s *state) { s.refused++ })
		}
		if ready {
			r.set(func(s *state) { s.firstReady = time.Since(begin) })
			return nil
		}
		pause(ctx, 20*time.Millisecond)
	}
	return fmt.Errorf("pod %s was not ready within %s", r.pod.Name, time.Since(begin))
}

// readAll reads the lists of nodes and pods, which must have nine of ten that run: a server does not wait longer for the last.
func (r *replica) readAll(ctx context.Context) error {
	for _, resource := range []string{"nodes", "pods"} {
		l, err := readList(ctx, r.client, r.host+"/apis/metrics.k8s.io/v1/"+resource)
		if err != nil {
			return err
		}
		if names := expected(resource); l.count(names)*10 < len(names)*9 {
			return &incompleteError{l.missing(names)}
		}
	}
	return nil
}

// incompleteError is a list that was served without a part of what runs.
type incompleteError struct{ error }

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
		return &statusError{response.StatusCode, url}
	}
	return nil
}
