package apiserver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// manyFrames is more than a list takes that is written in a few pieces, in bytes.
const manyFrames = 20 * 16 << 10

// TestLongListsArriveComplete reads a list of many frames over connections of both kinds. It is what the library writes.
func TestLongListsArriveComplete(t *testing.T) {
	readers := newRandomCluster(0, 1000).readers()
	config := fakeCluster{}.config()
	config.Extra.Home = readers
	own, library := handler(t, config), libraryHandler(t, readers)
	for _, version := range []int{1, 2} {
		server := httptest.NewUnstartedServer(own)
		server.EnableHTTP2 = version == 2
		server.StartTLS()
		defer server.Close()
		for name, accept := range map[string]string{"JSON": asJSON, "protobuf": asProtobuf} {
			t.Run(name, func(t *testing.T) {
				want := get(t.Context(), library, apisMetrics+"v1/pods", accept).Body.Bytes()
				if len(want) < manyFrames {
					t.Fatalf("the list has %d bytes only", len(want))
				}
				got := fetch(t, server, apisMetrics+"v1/pods", accept, version)
				if !bytes.Equal(want, got) {
					t.Errorf("%d bytes arrived that differ from the library's %d", len(got), len(want))
				}
			})
		}
	}
}

// fetch reads a response over a connection that speaks this version of HTTP.
func fetch(t *testing.T, server *httptest.Server, path, accept string, version int) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || response.ProtoMajor != version {
		t.Fatalf("%s %s: %v", response.Proto, response.Status, err)
	}
	return text
}
