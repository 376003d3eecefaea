package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// unsent is how many requests announce a body that they do not send.
	unsent = 2000
	// unsentLimit is how long a connection may wait for such a body, from the request on.
	unsentLimit = 30 * time.Second
	// unsentAtOnce is how many connections are opened at once, and opening how long all of them may take.
	unsentAtOnce = 20
)

// TestBodiesThatAreNeverSent has anonymous clients announce bodies and send none: each connection ends all the same.
func TestBodiesThatAreNeverSent(t *testing.T) {
	var opened, open atomic.Int64
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer all.Wait()
	defer cancel()
	attack{name: "bodies that never come", table: clientsTable, counted: []string{notAllowed, refusals("unauthenticated_connections")}, wage: func(until context.Context, _ *testing.T) error {
		address, trust, err := serverAddress()
		if err != nil {
			return err
		}
		places := make(chan struct{}, unsentAtOnce)
		for range unsent {
			places <- struct{}{}
			all.Go(func() {
				conn, err := announce(ctx, address, trust)
				<-places
				if err != nil {
					return
				}
				opened.Add(1)
				open.Add(1)
				defer open.Add(-1)
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				defer stop()
				defer conn.Close()
				_, _ = io.Copy(io.Discard, conn) // It ends with the connection.
			})
		}
		<-until.Done()
		if opened.Load() < unsent/2 {
			return errors.New("too few connections were opened")
		}
		return nil
	}}.run(t)
	t.Logf("%d connections were opened, %d of them are open after %s", opened.Load(), open.Load(), lasts)
	poll.Eventually(t, unsentLimit, func(context.Context) error {
		if n := open.Load(); n > 0 {
			return fmt.Errorf("%d connections still wait for a body", n)
		}
		return nil
	})
}

// announce sends the head of a request with a body, on a connection of its own.
func announce(ctx context.Context, address string, config *tls.Config) (net.Conn, error) {
	dialer := tls.Dialer{Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	_, err = io.WriteString(conn, "POST /apis/metrics.k8s.io/v1/nodes HTTP/1.1\r\nHost: plimsoll\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
	return conn, err
}
