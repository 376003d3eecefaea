package kubelet_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// allocatedPerByte is how many bytes of memory a byte of a response may take in all: a field of a header of four bytes becomes an entry of a map.
const allocatedPerByte = 64

// TestMemoryOfAResponse has kubelets send what takes most memory for its size.
func TestMemoryOfAResponse(t *testing.T) {
	var fields strings.Builder
	for i := 0; fields.Len() < 2*kubelet.MaxHeader; i++ {
		fmt.Fprintf(&fields, "%x:\r\n", i)
	}
	const ok, chunks = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		name string
		part part
		want string
	}{
		{"fields of a header", part{data: []byte(ok + fields.String())}, "header_too_large"},
		{"values of one field", part{data: []byte(ok + strings.Repeat("a:\r\n", kubelet.MaxHeader))}, "header_too_large"},
		{"a long field", part{data: []byte(ok + "a: " + strings.Repeat("b", 2*kubelet.MaxHeader))}, "header_too_large"},
		{"interim responses", part{data: []byte("HTTP/1.1 103 Early Hints\r\n" + fields.String()[:10_000] + "\r\n"), endless: true}, "header_too_large"},
		{"fields of a trailer", part{data: []byte(chunks + "0\r\n" + fields.String())}, "malformed_http"},
		{"chunks of a byte", part{data: []byte(chunks + strings.Repeat("1\r\na\r\n", 1<<17))}, "framing"},
		{"extensions", part{data: []byte(chunks + strings.Repeat("1;xxxxxxxxxxxxxx\r\na\r\n", 1<<17))}, "framing"},
		{"a body", part{data: []byte(ok + "\r\n" + strings.Repeat("a", 1<<20)), ends: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{parts: []part{tt.part}}
			client, err := kubelet.NewClientOver(s.dial, unlimited())
			if err != nil {
				t.Fatal(err)
			}
			conn := kubelet.Conn{}
			defer conn.Close()
			ctx, cancel := context.WithTimeout(t.Context(), longEnough)
			defer cancel()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			body, _, err := client.Get(ctx, &conn, "http://kubelet:10250/", kubelet.MaxBody)
			runtime.ReadMemStats(&after)
			if err == nil {
				body.Close()
			}
			if got := reason.Of(err).Label(); got != tt.want {
				t.Errorf("got the reason %q of %v, want %q", got, err, tt.want)
			}
			read, memory := s.conns[0].most, int(after.TotalAlloc-before.TotalAlloc)
			t.Logf("%d bytes were read, %d allocated: %d for each", read, memory, memory/read)
			if most := 256<<10 + allocatedPerByte*read; memory > most {
				t.Errorf("%d bytes were allocated, want %d at most", memory, most)
			}
			if most := 4 * kubelet.MinAllowed; tt.want != "" && read > most {
				t.Errorf("%d bytes were read, want %d at most", read, most)
			}
		})
	}
}

// TestCheckDoesNotWaitForAKubeletThatDoesNotRead has a kubelet request a response of TLS on an idle connection, and not read it: no timeout bounds that
// check.
func TestCheckDoesNotWaitForAKubeletThatDoesNotRead(t *testing.T) {
	k := newSimulatedKubelet(t, kubelet.Config{})
	k.client.WrapConnections(func(c net.Conn) net.Conn { return &unreadConn{Conn: c, closed: make(chan struct{})} })
	k.set(t, fleet.KeyUpdateWhileIdle())
	done := make(chan error, 1)
	go func() {
		_, err := k.get(t, longEnough)
		_, again := k.get(t, longEnough)
		done <- errors.Join(err, again)
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(longEnough):
		t.Fatal("a request waits for a kubelet that does not read")
	}
}

// unreadConn is a connection to a kubelet that reads handshakes and requests, and nothing as short as an alert or the response to a key update.
type unreadConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *unreadConn) Write(p []byte) (int, error) {
	if len(p) < 40 {
		<-c.closed
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

func (c *unreadConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
