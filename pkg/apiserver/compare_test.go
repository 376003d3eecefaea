package apiserver_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withQuery adds a parameter to a path that may have some.
func withQuery(path, parameter string) string {
	switch {
	case parameter == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&" + parameter
	default:
		return path + "?" + parameter
	}
}

// compareAnswers compares all that clients act on.
func compareAnswers(t *testing.T, want, got *httptest.ResponseRecorder) {
	t.Helper()
	if want.Code != got.Code {
		t.Errorf("code is %d, want %d", got.Code, want.Code)
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Vary", "Retry-After", "Cache-Control"} {
		if diff := cmp.Diff(want.Header().Values(name), got.Header().Values(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if want.Code == http.StatusNotAcceptable {
		return // The message names the Go type of what was read.
	}
	if !bytes.Equal(want.Body.Bytes(), got.Body.Bytes()) {
		t.Errorf("body (-want +got):\n%.3000s", cmp.Diff(want.Body.String(), got.Body.String()))
	}
}
