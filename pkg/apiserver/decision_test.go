package apiserver

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestFinishedRequestIsDropped checks that nothing that the client sent is kept of an HTTP/2 request, whose response may wait.
func TestFinishedRequestIsDropped(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead, "LONG"} {
		t.Run(method, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), method, "/apis?labelSelector=a", nil)
			r.ProtoMajor = 2
			r.Header = http.Header{"X-Long": {"a"}, "Authorization": {"b"}, "User-Agent": {"c"}, "X-Real-Ip": {"d"}}
			var inner *http.Request
			withDecision(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inner = r })).ServeHTTP(httptest.NewRecorder(), r)
			if r.URL.String()+r.RequestURI != "" || len(r.Header) > 0 {
				t.Errorf("%q, %q and %v are left", r.URL, r.RequestURI, r.Header)
			}
			if wantHead := method == http.MethodHead; (r.Method == http.MethodHead) != wantHead || len(r.Method) > 4 || r.Method == "LONG" {
				t.Errorf("the method is %s", r.Method)
			}
			if inner.URL.RawQuery == "" || len(inner.Header) != 4 {
				t.Errorf("the request of the filters was changed: %v, %v", inner.URL, inner.Header)
			}
		})
	}
}
