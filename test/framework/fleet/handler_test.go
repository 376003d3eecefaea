package fleet

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoutes(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	tests := []struct {
		method, path string
		status       int
		contentType  string
		has, hasNot  string
	}{
		{"GET", "/healthz", 200, "text/plain; charset=utf-8", "ok", ""},
		{"GET", "/metrics/resource", 200, contentTypeText, "pod_cpu_usage_seconds_total", "swap"},
		{"GET", "/metrics/resource/", 200, contentTypeText, "pod_cpu_usage_seconds_total", ""},
		{"GET", "/metrics/resource?name[]=node_cpu_usage_seconds_total", 200, contentTypeText, "node_cpu", "memory"},
		{"GET", "/stats/summary", 200, contentTypeJSON, "rootfs", ""},
		{"POST", "/stats/summary", 200, contentTypeJSON, "rootfs", ""},
		{"GET", "/stats/summary/?only_cpu_and_memory=true", 200, contentTypeJSON, "workingSetBytes", "rootfs"},
		{"GET", "/stats/summary?only_cpu_and_memory=1", 200, contentTypeJSON, "rootfs", ""},
		{"GET", "/stats/summary?only_cpu_and_memory=true&only_cpu_and_memory=true", 200, contentTypeJSON, "rootfs", ""},
		{"DELETE", "/stats/summary", 405, "text/plain; charset=utf-8", "", ""},
		{"GET", "/metrics", 404, "text/plain; charset=utf-8", "", ""},
	}
	client := httpClient(t)
	for _, test := range tests {
		t.Run(test.method+" "+strings.TrimPrefix(test.path, "/"), func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, url(f, 0, test.path), nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || response.Header.Get("Content-Type") != test.contentType {
				t.Errorf("status %d, content type %q", response.StatusCode, response.Header.Get("Content-Type"))
			}
			if !strings.Contains(string(body), test.has) || test.hasNot != "" && strings.Contains(string(body), test.hasNot) {
				t.Errorf("body is\n%s", body)
			}
		})
	}
	if got := f.Traffic("node-0001").Requests[OtherPaths]; got != 1 {
		t.Errorf("%d requests for other paths, want 1", got)
	}
	if f.ResetTraffic(); len(f.Traffic("node-0001").Requests) != 0 {
		t.Error("requests are counted after a reset")
	}
}

func TestGzip(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	for _, path := range []string{PathResource, PathSummary} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url(f, 0, path), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "br, gzip;q=0.5")
		response, err := httpClient(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		compressed := response.Header.Get("Content-Encoding") == "gzip"
		if want := path == PathResource; compressed != want {
			t.Errorf("%s is compressed: %v, want %v", path, compressed, want)
		}
		if compressed {
			z, err := gzip.NewReader(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(renderText(f, false), string(body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		}
	}
}

func TestConcurrentRequestsAreCounted(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Hang()); err != nil {
		t.Fatal(err)
	}
	client, done := httpClient(t), make(chan reply, 3)
	for range 3 {
		go func() { done <- fetch(t, client, url(f, 0, PathResource)) }()
	}
	waitFor(t, func() bool { return f.Traffic("node-0001").Concurrent == 3 })
	if err := f.ClearFault("node-0001"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-done
	}
	want := Traffic{Requests: map[string]int{PathResource: 3}, Concurrent: 3}
	if diff := cmp.Diff(want, f.Traffic("node-0001")); diff != "" {
		t.Errorf("traffic (-want +got):\n%s", diff)
	}
	if n := len(f.Scrapes("node-0001")); n != 3 {
		t.Errorf("%d times of scrapes, want 3", n)
	}
}
