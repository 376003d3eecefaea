package apiserver_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// TestShutdownLosesNoRequest ends a server under load. As in a cluster, callers go to another one some time after it has become unready.
func TestShutdownLosesNoRequest(t *testing.T) {
	const delay, propagation = time.Second, 500 * time.Millisecond
	config := guardedConfig()
	config.Generic.ShutdownDelayDuration = delay
	workEnded := make(chan struct{})
	config.Extra.Background = []apiserver.Background{{Name: "work", Start: func(ctx context.Context) error {
		<-ctx.Done()
		close(workEnded)
		return nil
	}}}
	_, first := listening(t, config)
	server, err := config.Complete().New("test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	client, second := serve(t, guardedConfig())
	await(t, client, first+"/readyz", http.StatusOK, "ok")

	var where atomic.Pointer[string]
	where.Store(&first)
	load, enough := context.WithCancel(t.Context())
	defer enough()
	var callers sync.WaitGroup
	var served [2]atomic.Int64
	for _, protocol := range []bool{false, true} {
		caller := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: protocol}}
		t.Cleanup(caller.CloseIdleConnections)
		for range 4 {
			callers.Go(func() {
				for load.Err() == nil {
					host := *where.Load()
					if err := list(t.Context(), caller, host); err != nil {
						t.Errorf("HTTP/2 %t: %v", protocol, err)
						return
					}
					served[map[bool]int{true: 0, false: 1}[host == first]].Add(1)
				}
			})
		}
	}
	stop()
	await(t, client, first+"/readyz", http.StatusInternalServerError, "shutdown")
	select {
	case <-workEnded:
		t.Error("the work has ended while requests are served")
	default:
	}
	time.AfterFunc(propagation, func() { where.Store(&second) })
	if err := <-ended; err != nil {
		t.Errorf("Run gave %v", err)
	}
	enough()
	callers.Wait()
	if served[0].Load() == 0 || served[1].Load() == 0 {
		t.Errorf("the servers answered %d and %d requests", served[0].Load(), served[1].Load())
	}
}

func list(ctx context.Context, client *http.Client, host string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, host+apisMetrics+"v1/pods", nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Test-User", "autoscaler")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the code is %d", response.StatusCode)
	}
	return nil
}
