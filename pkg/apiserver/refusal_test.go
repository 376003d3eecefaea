package apiserver

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRefuseDropsWhatWasSent checks that a refused HTTP/2 request, whose answer may wait, keeps only what is logged.
func TestRefuseDropsWhatWasSent(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/apis?labelSelector=a", nil)
	r.ProtoMajor = 2
	r.Header = http.Header{"X-Long": {"a"}, "Authorization": {"b"}, "User-Agent": {"c"}, "X-Real-Ip": {"d"}}
	answer := httptest.NewRecorder()
	(&chain{}).refuse(answer, r, refusedShare)
	if answer.Code != http.StatusTooManyRequests || answer.Body.Len() > 0 || answer.Header().Get("Content-Length") != "0" {
		t.Errorf("code %d, %d bytes, header %v", answer.Code, answer.Body.Len(), answer.Header())
	}
	if diff := cmp.Diff(http.Header{"User-Agent": {"c"}, "X-Real-Ip": {"d"}}, r.Header); diff != "" || r.URL.RawQuery != "" {
		t.Errorf("the query %q is left, and headers (-want +got):\n%s", r.URL.RawQuery, diff)
	}
}
