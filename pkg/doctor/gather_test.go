package doctor

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// requests counts what an API server is sent.
type requests struct {
	mu sync.Mutex
	// count is by method and path.
	count map[string]int
	// now and most are how many are open.
	now, most int
}

func (r *requests) begin(q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count[q.Method+" "+q.URL.Path]++
	r.now++
	r.most = max(r.most, r.now)
}

func (r *requests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
}

// peak is how many were open at a time.
func (r *requests) peak() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most
}

// gather gathers facts from an API server that responds so.
func gather(t *testing.T, o Options, respond http.HandlerFunc) (*Facts, *requests, error) {
	t.Helper()
	seen := &requests{count: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen.begin(q)
		defer seen.end()
		w.Header().Set("Content-Type", "application/json")
		respond(w, q)
	}))
	t.Cleanup(server.Close)
	access, err := NewAccess(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(access.Close)
	facts, err := Gather(t.Context(), access, o)
	return facts, seen, err
}

func refuse(w http.ResponseWriter, q *http.Request) {
	if q.URL.Path == "/version" {
		_, _ = w.Write([]byte(`{}`))
		return
	}
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(&metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: "no"})
}

// TestGatherOfAStranger has an API server that refuses everything: a few requests, and each fact has its error.
func TestGatherOfAStranger(t *testing.T) {
	f, seen, err := gather(t, Options{}, refuse)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for request, n := range seen.count {
		total += n
		if strings.HasPrefix(request, "POST") && !strings.HasSuffix(request, "accessreviews") || !strings.HasPrefix(request, "POST") && !strings.HasPrefix(request, "GET") {
			t.Errorf("there is a request %q", request)
		}
	}
	if most := seen.peak(); total > 50 || most > atOnce {
		t.Errorf("%d requests, %d at a time", total, most)
	}
	r := Diagnose(f)
	if len(r.Findings) > 0 || r.ExitCode() != ExitNotLooked {
		t.Errorf("got %+v", r)
	}
}

// TestGatherWithoutAnAPIServer has nothing to ask, or an API server that accepts no credentials.
func TestGatherWithoutAnAPIServer(t *testing.T) {
	access, err := NewAccess(&rest.Config{Host: "https://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := Gather(t.Context(), access, Options{}); err == nil {
		t.Errorf("got %+v", f)
	}
	_, _, err = gather(t, Options{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	if err == nil || !strings.Contains(err.Error(), "cannot be asked") {
		t.Errorf("got error %v", err)
	}
}

// TestGatherHasAnEnd has an API server that never responds, and the context of the command end.
func TestGatherHasAnEnd(t *testing.T) {
	seen := &requests{count: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/version" {
			_, _ = w.Write([]byte(`{}`))
			return
		}
		seen.begin(q)                      // It ends when the client gives up.
		_, _ = io.Copy(io.Discard, q.Body) // The end of the client is noticed behind the body only.
		<-q.Context().Done()
	}))
	defer server.Close()
	access, err := NewAccess(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer access.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begin := time.Now()
	f, err := Gather(ctx, access, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if most := seen.peak(); most > atOnce {
		t.Errorf("%d requests at a time, want %d", most, atOnce)
	}
	if r := Diagnose(f); r.ExitCode() != ExitNotLooked || time.Since(begin) > 5*time.Second {
		t.Errorf("after %s: %+v", time.Since(begin), r)
	}
}

// TestGatherAsksAboutFewNodes has more nodes without usage than are asked about, in pages.
func TestGatherAsksAboutFewNodes(t *testing.T) {
	const nodes = 3 * maxExplained
	f, seen, err := gather(t, Options{}, func(w http.ResponseWriter, q *http.Request) {
		switch {
		case q.URL.Path == "/api/v1/nodes":
			list(w, q, "NodeList", "v1", nodes)
		case q.URL.Path == "/apis/metrics.k8s.io/v1beta1/nodes":
			list(w, q, "NodeMetricsList", "metrics.k8s.io/v1beta1", 0)
		case strings.HasPrefix(q.URL.Path, "/apis/metrics.k8s.io/v1beta1/nodes/"):
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(&metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound, Message: "not found (PLM-KUBELET-REFUSED)"})
		default:
			refuse(w, q)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for request, n := range seen.count {
		if strings.HasPrefix(request, "GET /apis/metrics.k8s.io/v1beta1/nodes/") {
			asked += n
		}
	}
	r := Diagnose(f)
	if asked != maxExplained || len(f.Nodes.Value) != nodes || len(r.Findings) != 1 || r.Findings[0].Count != maxExplained {
		t.Errorf("%d of %d nodes were asked about: %+v", asked, len(f.Nodes.Value), r.Findings)
	}
}

// list responds with so many objects, two pages of them.
func list(w http.ResponseWriter, q *http.Request, kind, version string, objects int) {
	first, next := 0, ""
	if q.URL.Query().Get("continue") != "" {
		first = objects / 2
	} else if objects > 0 {
		objects, next = objects/2, "more"
	}
	var items []map[string]any
	for i := first; i < objects; i++ {
		items = append(items, map[string]any{"metadata": map[string]any{"name": "node-" + time.Duration(i).String()}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": kind, "apiVersion": version, "metadata": map[string]any{"continue": next}, "items": items})
}

// TestGatherAPodThatIsNotThere explains no object that does not exist.
func TestGatherAPodThatIsNotThere(t *testing.T) {
	_, _, err := gather(t, Options{Target: Target{Pod: types.NamespacedName{Namespace: "a", Name: "b"}}}, refuse)
	if err == nil || !strings.Contains(err.Error(), "read the pod") {
		t.Errorf("got error %v", err)
	}
}
