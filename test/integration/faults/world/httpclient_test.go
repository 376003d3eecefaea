package world

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// listAt is the call of a client that follows HTTP: it sends the next request on a new connection where the server has announced that it ends one.
func listAt(t *testing.T, server *cluster.Server, host *atomic.Pointer[string], http2 bool) func(context.Context) error {
	t.Helper()
	config, err := server.ConfigFor("terminated", readers, "system:authenticated")
	if err != nil {
		t.Fatal(err)
	}
	trust, err := rest.TLSConfigFor(config)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: http2, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, *host.Load()+"/apis/metrics.k8s.io/v1/namespaces/team-3/pods", nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %s", response.Status)
		}
		return nil
	}
}
