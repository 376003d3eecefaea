package apiserver_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// getPacked is get of a client that accepts these encodings.
func getPacked(ctx context.Context, h http.Handler, path, accept, encodings string) *httptest.ResponseRecorder {
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encodings)
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}

// unpacked is the body of a response, decompressed where it is compressed.
func unpacked(t *testing.T, response *httptest.ResponseRecorder) []byte {
	t.Helper()
	if response.Header().Get("Content-Encoding") == "" {
		return response.Body.Bytes()
	}
	reader, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestLargeResponsesAreCompressed where the operator and the client ask for it.
func TestLargeResponsesAreCompressed(t *testing.T) {
	const large, few, one, none = "v1/pods", "v1/pods?labelSelector=app%3Dworkload-1", "v1/namespaces/shop/pods/workload-1", "v1/pods?labelSelector=none"
	tests := []struct {
		name, path, encodings string
		compress              bool
		want                  string
	}{
		{"large", large, "gzip", true, "gzip"},
		{"large, for a client that knows more", large, "br, gzip", true, "gzip"},
		{"large, for a client that accepts none", large, "", true, ""},
		{"large, for a client that accepts another encoding", large, "br", true, ""},
		{"few pods", few, "gzip", true, ""},
		{"one pod", one, "gzip", true, ""},
		{"no pods", none, "gzip", true, ""},
		{"nodes", "v1beta1/nodes", "gzip", true, ""},
		{"large, not asked for", large, "gzip", false, ""},
		{"few pods, not asked for", few, "gzip", false, ""},
	}
	for _, tt := range tests {
		config := newManyPods().config()
		config.Extra.Home.Compress = tt.compress
		h := handler(t, config)
		for format, accept := range map[string]string{"JSON": asJSON, "protobuf": asProtobuf} {
			t.Run(format+" "+tt.name, func(t *testing.T) {
				plain := get(t.Context(), h, apisMetrics+tt.path, accept)
				if plain.Code != http.StatusOK || tt.path == large && plain.Body.Len() < 128<<10 {
					t.Fatalf("%d with %d bytes", plain.Code, plain.Body.Len())
				}
				packed := getPacked(t.Context(), h, apisMetrics+tt.path, accept, tt.encodings)
				if got := packed.Header().Get("Content-Encoding"); got != tt.want {
					t.Errorf("encoding is %q, want %q", got, tt.want)
				}
				if tt.want != "" && packed.Body.Len() > plain.Body.Len()/2 {
					t.Errorf("%d bytes became %d", plain.Body.Len(), packed.Body.Len())
				}
				if !bytes.Equal(plain.Body.Bytes(), unpacked(t, packed)) {
					t.Error("the decompressed response differs")
				}
			})
		}
	}
}
