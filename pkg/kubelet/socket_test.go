package kubelet

import (
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestReadAfterAYield has kubelets respond before the worker returns, after that, and in parts.
func TestReadAfterAYield(t *testing.T) {
	text := strings.Repeat("0123456789", 50_000)
	parts := func(n int, gap time.Duration, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for begin := 0; begin < len(text); begin += n {
				<-time.After(gap)
				_, _ = io.WriteString(w, text[begin:min(begin+n, len(text))])
				w.(http.Flusher).Flush()
			}
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"at once", parts(100, 0, text[:1000]), text[:1000]},
		{"late", parts(1000, 40*time.Millisecond, text[:1000]), text[:1000]},
		{"a part late", parts(500, 15*time.Millisecond, text[:1500]), text[:1500]},
		{"more than the kernel buffers", parts(len(text), 0, text), text},
		{"much and late", parts(len(text)/5, 10*time.Millisecond, text), text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, tt.handler)
			c := &Conn{Worker: testWorker{yield: func() { <-time.After(20 * time.Millisecond) }}}
			defer c.Close()
			client := newInsecureClient(t)
			for i := range 3 {
				got, err := s.get(t, c, client)
				if err != nil || got != tt.want {
					t.Fatalf("request %d: %d bytes and %v, want %d", i, len(got), err, len(tt.want))
				}
				checkQuiet(t, c)
			}
			if n := s.connections.Load(); n != 1 {
				t.Errorf("%d connections were made", n)
			}
		})
	}
}

// checkQuiet reads the option of the socket.
func checkQuiet(t *testing.T, c *Conn) {
	t.Helper()
	err := c.persistent.records.raw.Control(func(fd uintptr) {
		if got, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT); err != nil || got != wakeSize {
			t.Errorf("%d bytes wake a reader, and %v; want %d", got, err, wakeSize)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWaitingReadEnds on a socket that was quiet.
func TestWaitingReadEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(own net.Conn, other net.Conn)
	}{
		{"closed by the other", func(_, other net.Conn) { _ = other.Close() }},
		{"closed here", func(own, _ net.Conn) { _ = own.Close() }},
		{"a deadline", func(own, _ net.Conn) { _ = own.SetReadDeadline(time.Now()) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own, other := pair(t)
			s := newSocket(own, new(blocking))
			s.quiet()
			ended := make(chan error, 1)
			go func() {
				_, err := s.Read(make([]byte, 10))
				ended <- err
			}()
			<-time.After(10 * time.Millisecond)
			tt.end(own, other)
			select {
			case err := <-ended:
				if err == nil {
					t.Error("something was read")
				}
			case <-time.After(testTimeout):
				t.Fatal("the read did not end")
			}
		})
	}
}

// TestConnectionWithoutFileDescriptor is used as it is.
func TestConnectionWithoutFileDescriptor(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	defer a.Close()
	var blocked []bool
	s := newSocket(a, &blocking{worker: testWorker{blocked: func(b bool) { blocked = append(blocked, b) }}})
	s.quiet()
	go func() { _, _ = b.Write([]byte("x")) }()
	if n, err := s.Read(make([]byte, 10)); n != 1 || err != nil {
		t.Errorf("read %d bytes and %v", n, err)
	}
	if diff := cmp.Diff([]bool{true, false}, blocked); diff != "" {
		t.Error(diff)
	}
}

// pair are the two ends of a connection.
func pair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
	return a, b
}
