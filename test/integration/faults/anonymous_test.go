package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// serverAddress is where Plimsoll listens, with a TLS configuration that verifies it and shows no certificate.
func serverAddress() (string, *tls.Config, error) {
	config, err := env.Server.ConfigFor("")
	if err != nil {
		return "", nil, err
	}
	trust, err := rest.TLSConfigFor(rest.AnonymousClientConfig(config))
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(env.Server.Port)), trust, err
}

// notAllowed counts the requests of clients that are not authorized.
const notAllowed = `^authorization_attempts_total{result="(denied|no-opinion)"}`

// TestStreamsThatAreNotRead has anonymous clients request on thousands of streams paths that are too long, and others, and not
// read that they are refused.
func TestStreamsThatAreNotRead(t *testing.T) {
	const connections = 6
	lengths := []int{8 << 10, 200}
	counted := []string{notAllowed, refusals("request_too_long"), refusals("undecided_requests_of_user")}
	attack{name: "streams that are not read", table: clientsTable, counted: counted, wage: func(ctx context.Context, t *testing.T) error {
		address, trust, err := serverAddress()
		if err != nil {
			return err
		}
		var opened atomic.Int64
		var all sync.WaitGroup
		for i := range connections {
			path := "/apis/metrics.k8s.io/v1/namespaces/" + strings.Repeat("a", lengths[i%len(lengths)]) + "/pods"
			all.Go(func() {
				// A connection that the server ends is replaced, four times a second at most.
				for ctx.Err() == nil {
					if c, err := dialStingy(ctx, address, trust, path); err == nil {
						opened.Add(int64(c.wage(ctx)))
					}
					pause(ctx, 250*time.Millisecond)
				}
			})
		}
		all.Wait()
		t.Logf("%d streams were opened", opened.Load())
		if opened.Load() < connections*10 {
			return errors.New("too few streams were opened")
		}
		return nil
	}}.run(t)
}

// refusals counts the requests that are refused so that other clients are served.
func refusals(reason string) string {
	return `^plimsoll_requests_refused_total{reason="` + reason + `"}`
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
