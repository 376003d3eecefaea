package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCall(t *testing.T) {
	status, requested := http.StatusOK, []string(nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested = append(requested, r.URL.RequestURI(), r.Header.Get("Accept"), r.Header.Get("Accept-Encoding"))
		w.WriteHeader(status)
	}))
	defer server.Close()
	for _, c := range []call{autoscalers, plainJSON} {
		if took, err := c.do(t.Context(), server.Client(), server.URL); err != nil || took <= 0 {
			t.Errorf("%s: got %v, %v", c.name, took, err)
		}
	}
	want := []string{
		"/apis/metrics.k8s.io/v1beta1/namespaces/team-0/pods?labelSelector=workload%3Dworkload-0",
		"application/vnd.kubernetes.protobuf,application/json", "gzip",
		"/apis/metrics.k8s.io/v1beta1/pods", "application/json", "identity",
	}
	if diff := cmp.Diff(want, requested); diff != "" {
		t.Error(diff)
	}
	status = http.StatusForbidden
	if _, err := getOne.do(t.Context(), server.Client(), server.URL); err == nil || err.Error() != "get one pod: the server returns 403 Forbidden" {
		t.Errorf("got error %v", err)
	}
}

func TestNodeOf(t *testing.T) {
	tests := []struct{ pod, want string }{{"node-0001-000", "node-0001"}, {"alone", "alone"}}
	for _, tt := range tests {
		t.Run(tt.pod, func(t *testing.T) {
			if got := nodeOf(tt.pod); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCount(t *testing.T) {
	const response = `{"items":[{"window":"15s","containers":[]},{"window":"14s","containers":[]}]}` // What matters is what is read.
	for _, size := range []int{1, 3, 8, 9, 10, 1000} {
		t.Run(fmt.Sprintf("in pieces of %d bytes", size), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for piece := range slices.Chunk([]byte(response), size) {
					_, _ = w.Write(piece)
					w.(http.Flusher).Flush()
				}
			}))
			defer server.Close()
			s := &subject{http: server.Client(), host: server.URL}
			if got, err := s.count(t.Context(), allJSON); err != nil || got != 2 {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
}
