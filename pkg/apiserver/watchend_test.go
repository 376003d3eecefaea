package apiserver_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// TestWatchesEndInOrder has watches, of the home cluster and of another one, end by their own timeout, and with the server. Each ends as a complete
// response does; the server waits for them, and not for its limit of time.
func TestWatchesEndInOrder(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, path := range []string{"", "/clusters/east"} {
			t.Run(fmt.Sprintf("HTTP/2 %t %s", http2, path), func(t *testing.T) {
				config := withWest(watchedReaders(t, newStoredCluster()))
				config.Extra.Clusters[1].Readers = *watchedReaders(t, newStoredCluster())
				config.Generic.ShutdownWatchTerminationGracePeriod = time.Minute
				_, host := listening(t, config)
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2}}
				defer client.CloseIdleConnections()
				server, err := config.Complete().New("test")
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ended := make(chan error, 1)
				go func() { ended <- server.Run(ctx) }()
				await(t, client, host+"/readyz", http.StatusOK, "ok")
				begun := time.Now()
				end := beginWatch(t, client, host+path+apisMetrics+"v1/nodes?watch=true&timeoutSeconds=1")
				if err := <-end; err != nil || time.Since(begun) < time.Second {
					t.Errorf("the watch ended after %s: %v", time.Since(begun), err)
				}
				end = beginWatch(t, client, host+path+apisMetrics+"v1/nodes?watch=true")
				stop()
				begun = time.Now()
				if err := <-end; err != nil {
					t.Errorf("the watch ended with %v", err)
				}
				if err := <-ended; err != nil || time.Since(begun) > 30*time.Second {
					t.Errorf("Run gave %v after %s", err, time.Since(begun))
				}
			})
		}
	}
}

// beginWatch returns when the first event has come. The channel has how the response ended; nil where it was complete.
func beginWatch(t *testing.T, client *http.Client, url string) <-chan error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request) //nolint:bodyclose // The goroutine below closes it.
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(response.Body, make([]byte, 10)); err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.StatusCode, err)
	}
	end := make(chan error, 1)
	go func() {
		defer response.Body.Close()
		_, err := io.Copy(io.Discard, response.Body)
		end <- err
	}()
	return end
}
