package apiserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSelectorsAreBounded asks with selectors that are large in each way, and with the largest that is allowed.
func TestSelectorsAreBounded(t *testing.T) {
	tests := []struct {
		name, query string
		// message is what the refusal has; empty where there is none.
		message string
	}{
		{"as many requirements as are allowed", "labelSelector=" + repeated("!k", 128), ""},
		{"more requirements", "labelSelector=" + repeated("!k", 129),
			"label selector has 129 requirements with 0 values: at most 128 requirements with 1024 values are allowed"},
		{"as many values as are allowed", "labelSelector=app+notin+(" + repeated("v", 1024) + ")", ""},
		{"more values", "labelSelector=app+notin+(" + repeated("v", 1025) + ")",
			"label selector has 1 requirements with 1025 values: at most 128 requirements with 1024 values are allowed"},
		{"more fields", "fieldSelector=" + repeated("metadata.name!=v", 129), "field selector has 129 requirements: at most 128 are allowed"},
		{"longer than is parsed", "labelSelector=" + repeated("!k", 30_000),
			"with about 30000 requirements and values of selectors: at most 16384 bytes, 128 requirements and 1024 values are allowed"},
		{"longer than is parsed, and escaped", "labelSelector=" + url.QueryEscape(repeated("!k", 30_000)), "about 30000 requirements"},
	}
	h := handler(t, fakeCluster{}.config())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response := get(t.Context(), h, apisMetrics+"v1/pods?"+tt.query, asJSON)
			if tt.message == "" {
				if response.Code != http.StatusOK {
					t.Errorf("code %d, %s", response.Code, response.Body)
				}
				return
			}
			if body := response.Body.String() + response.Header().Get("Warning"); response.Code != http.StatusBadRequest || !strings.Contains(body, tt.message) || len(body) > 700 {
				t.Errorf("code %d, %q, want something with %q", response.Code, body, tt.message)
			}
		})
	}
}

// repeated is a list of n terms that differ.
func repeated(term string, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = term + strings.Repeat("x", i%7) + string(rune('a'+i/7%26)) + string(rune('a'+i/182%26)) + string(rune('a'+i/4732))
	}
	return strings.Join(all, ",")
}
