package apiserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// TestRefusalsOfLongRequestsKeepNothing checks that nothing waits to be taken of the response to a request that is too long, and that nothing of the
// request is left: the HTTP server keeps it until the response is sent.
func TestRefusalsOfLongRequestsKeepNothing(t *testing.T) {
	long := strings.Repeat("a", 200<<10)
	list := apisMetrics + "v1/pods"
	tests := []struct {
		name, method, target string
		headers              http.Header
		code                 int
	}{
		{"method", long, list, nil, http.StatusNotImplemented},
		{"path", http.MethodGet, "/" + long, nil, http.StatusRequestURITooLong},
		{"query", http.MethodGet, list + "?" + long, nil, http.StatusBadRequest},
		{"query of a probe", http.MethodGet, "/livez?" + long, nil, http.StatusRequestURITooLong},
		{"parameter", http.MethodGet, list + "?limit=" + long[:300], nil, http.StatusBadRequest},
		{"header", http.MethodGet, list, http.Header{"X-Long": {long}}, http.StatusRequestHeaderFieldsTooLarge},
		{"many headers", http.MethodGet, list, http.Header{"X": make([]string, 5000)}, http.StatusRequestHeaderFieldsTooLarge},
		{"impersonation", http.MethodGet, list, http.Header{"Impersonate-User": {long[:5000]}}, http.StatusRequestHeaderFieldsTooLarge},
	}
	h := handler(t, guardedConfig())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			target, err := url.Parse(tt.target)
			if err != nil {
				t.Fatal(err)
			}
			request.Method, request.URL, request.RequestURI, request.ProtoMajor = tt.method, target, tt.target, 2
			if tt.headers != nil {
				request.Header = tt.headers
			}
			response := httptest.NewRecorder()
			h.ServeHTTP(response, request)
			if response.Code != tt.code || response.Body.Len() > 0 || response.Header().Get("Content-Length") != "0" {
				t.Errorf("code %d, %d bytes, header %v, want code %d and no body", response.Code, response.Body.Len(), response.Header(), tt.code)
			}
			if !strings.HasPrefix(response.Header().Get("Warning"), "299 - ") {
				t.Errorf("no header says why: %v", response.Header())
			}
			if left := len(request.Method) + len(request.RequestURI) + len(request.URL.String()) + len(request.Header); left > 100 {
				t.Errorf("%d bytes of the request are left", left)
			}
		})
	}
}

// TestLongRequestsTakeNoMemory has clients that take nothing of any response send paths of almost a megabyte on each stream that they may open.
func TestLongRequestsTakeNoMemory(t *testing.T) {
	const connections, streams, most = 2, 100, 32 << 20
	_, host := serve(t, guardedConfig())
	path := "/" + strings.Repeat("~", 900<<10) // HPACK does not compress it, which would take long.
	before := heap()
	for range connections {
		h := dialHostileClient(t, host)
		for range streams {
			if err := h.open(http.MethodGet, path, false); err != nil {
				t.Fatal(err)
			}
		}
		ended := map[uint32]bool{}
		h.readResponses(t, streams, func(frame http2.Frame) {
			if f, ok := frame.(*http2.HeadersFrame); ok && f.StreamEnded() {
				ended[f.StreamID] = true
			}
		})
		if len(ended) != streams {
			t.Errorf("%d of %d streams have ended with the headers of the response", len(ended), streams)
		}
	}
	if after := heap(); after > before+most {
		t.Errorf("%d MiB are in use, %d MiB before", after>>20, before>>20)
	}
}

// heap is how much memory is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
