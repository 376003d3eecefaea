package fleet

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reply is the result of one request.
type reply struct {
	Status   int
	Body     string
	Location string
	Failed   bool
}

// fetch reads at most a mebibyte.
func fetch(t *testing.T, client *http.Client, url string) reply {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		return reply{Failed: true}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return reply{response.StatusCode, string(body), response.Header.Get("Location"), err != nil}
}

func TestFaults(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	healthy := renderText(f, false)
	tests := []struct {
		fault Fault
		path  string
		want  func(reply) bool
	}{
		{Fault{}, PathResource, func(r reply) bool { return r.Status == 200 && r.Body == healthy }},
		{Status(http.StatusInternalServerError), PathResource, func(r reply) bool { return r.Status == 500 }},
		{Status(http.StatusNotFound).On(PathResource), PathResource, func(r reply) bool { return r.Status == 404 }},
		{Status(http.StatusNotFound).On(PathSummary), PathResource, func(r reply) bool { return r.Status == 200 && r.Body == healthy }},
		{ScrapeError(), PathResource, func(r reply) bool {
			return r.Status == 200 && strings.HasSuffix(r.Body, "\nresource_scrape_error 1\n") && strings.Count(r.Body, "\n") == 3
		}},
		{ScrapeError(), PathSummary, func(r reply) bool { return r.Status == 500 && strings.HasPrefix(r.Body, "Internal Error: ") }},
		{NoContainers(), PathResource, func(r reply) bool {
			return r.Status == 200 && !strings.Contains(r.Body, "container_") && strings.Contains(r.Body, "\nnode_cpu_usage_seconds_total ") &&
				strings.Contains(r.Body, "\npod_cpu_usage_seconds_total{") && strings.HasSuffix(r.Body, "\nresource_scrape_error 0\n")
		}},
		{NoContainers(), PathResource + "?name[]=container_start_time_seconds", func(r reply) bool { return r.Status == 200 && r.Body == "" }},
		{NoContainers(), PathSummary, func(r reply) bool { return r.Status == 200 && strings.Contains(r.Body, `"name": "mesh-proxy"`) }},
		{Status(http.StatusNotFound).On(PathSummary), PathSummary, func(r reply) bool { return r.Status == 404 }},
		{Empty(), PathResource, func(r reply) bool { return r.Status == 200 && r.Body == "" && !r.Failed }},
		{Garbage(), PathResource, func(r reply) bool {
			return r.Status == 200 && len(r.Body) == garbageSize && !strings.Contains(r.Body, "_total")
		}},
		{HTML(), PathSummary, func(r reply) bool { return r.Status == 200 && strings.HasPrefix(r.Body, "<!DOCTYPE html>") }},
		{Truncate(), PathResource, func(r reply) bool {
			return r.Status == 200 && r.Failed && r.Body != "" && strings.HasPrefix(healthy, r.Body)
		}},
		{Truncate(), PathSummary, func(r reply) bool { return r.Status == 200 && r.Failed && strings.HasPrefix(r.Body, "{\n \"node\"") }},
		{Huge(), PathResource, func(r reply) bool { return r.Status == 200 && len(r.Body) == 1<<20 && !r.Failed }},
		{Bomb(), PathSummary, func(r reply) bool { return r.Status == 200 && len(r.Body) == 1<<20 && !r.Failed }},
		{Redirect("https://192.0.2.1/"), PathResource, func(r reply) bool { return r.Status == 302 && r.Location == "https://192.0.2.1/" }},
		{DropConnections(), PathResource, func(r reply) bool { return r.Failed && r.Status == 0 }},
		{DropConnections().On(PathSummary), PathSummary, func(r reply) bool { return r.Failed && r.Status == 0 }},
		{DropConnections().On(PathSummary), PathResource, func(r reply) bool { return r.Status == 200 }},
	}
	for _, test := range tests {
		t.Run(test.fault.String()+" of "+strings.TrimPrefix(test.path, "/"), func(t *testing.T) {
			if err := f.SetFault("node-0001", test.fault); err != nil {
				t.Fatal(err)
			}
			if got := fetch(t, httpClient(t), url(f, 0, test.path)); !test.want(got) {
				got.Body = got.Body[:min(len(got.Body), 200)]
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestHangIsReleased(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Hang()); err != nil {
		t.Fatal(err)
	}
	client, replies := httpClient(t), make(chan reply, 1)
	go func() { replies <- fetch(t, client, url(f, 0, PathHealth)) }()
	waitFor(t, func() bool { return f.Traffic("node-0001").Requests[PathHealth] == 1 })
	select {
	case r := <-replies:
		t.Fatalf("a node that hangs returned %+v", r)
	default:
	}
	if err := f.ClearFault("node-0001"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reply{Status: 200, Body: "ok"}, <-replies); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
}

func TestHangEndsWithItsClient(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Hang()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url(f, 0, PathResource), nil)
	if err != nil {
		t.Fatal(err)
	}
	client, failed := httpClient(t), make(chan error, 1)
	go func() {
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
		}
		failed <- err
	}()
	waitFor(t, func() bool { return f.nodes[0].traffic.busy() == 1 })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended with %v", err)
	}
	waitFor(t, func() bool { return f.nodes[0].traffic.busy() == 0 })
}

func (t *traffic) busy() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inFlight
}

func TestSlow(t *testing.T) {
	f, clock := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Slow(time.Minute)); err != nil {
		t.Fatal(err)
	}
	client, replies := httpClient(t), make(chan reply, 1)
	go func() { replies <- fetch(t, client, url(f, 0, PathHealth)) }()
	waitFor(t, clock.HasWaiters)
	clock.Step(59 * time.Second)
	select {
	case r := <-replies:
		t.Fatalf("a slow node responded too soon: %+v", r)
	default:
	}
	clock.Step(time.Second)
	if diff := cmp.Diff(reply{Status: 200, Body: "ok"}, <-replies); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
}

// TestDropConnectionsEndsKeptConnections sets the fault while a client holds a connection.
func TestDropConnectionsEndsKeptConnections(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	client := httpClient(t)
	get(t, client, url(f, 0, PathHealth))
	if err := f.SetFault("node-0001", DropConnections()); err != nil {
		t.Fatal(err)
	}
	if r := fetch(t, client, url(f, 0, PathHealth)); !r.Failed {
		t.Errorf("got %+v, want a closed connection", r)
	}
}

func TestDropConnectionsComesBeforeTLS(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", DropConnections()); err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(url(f, 0, ""), "https://")
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		conn.Close()
		t.Error("the handshake worked")
	}
}

func TestFaultsAreTheNodesOwn(t *testing.T) {
	f, _ := newFleet(t, Options{Nodes: 2})
	start(t, f)
	if err := f.SetFault("node-0001", Status(http.StatusInternalServerError)); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, httpClient(t), url(f, 1, PathResource)); status != http.StatusOK {
		t.Errorf("the other node returns %d", status)
	}
	if err := f.SetFault("node-0003", Hang()); err == nil {
		t.Error("a node that does not exist took a fault")
	}
}

// waitFor polls for what another goroutine brings about over the network, where no clock can be injected.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 10 s")
		}
		time.Sleep(time.Millisecond)
	}
}
