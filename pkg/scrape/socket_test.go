package scrape

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

// TestReadAfterARest has kubelets answer before the look goes on, after that, and in parts.
func TestReadAfterARest(t *testing.T) {
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
		{"more than the kernel takes in", parts(len(text), 0, text), text},
		{"much and late", parts(len(text)/5, 10*time.Millisecond, text), text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newCounted(t, tt.handler)
			l := &line{rest: func() { <-time.After(20 * time.Millisecond) }}
			defer l.hangUp()
			client := insecureClient(t)
			for i := range 3 {
				got, err := s.over(t, l, client)
				if err != nil || got != tt.want {
					t.Fatalf("question %d: %d bytes and %v, want %d", i, len(got), err, len(tt.want))
				}
				checkQuiet(t, l)
			}
			if n := s.connections.Load(); n != 1 {
				t.Errorf("%d connections were made", n)
			}
		})
	}
}

// checkQuiet looks at what the kernel was told.
func checkQuiet(t *testing.T, l *line) {
	t.Helper()
	s, ok := l.conn.wire.Conn.(*socket)
	if !ok {
		t.Fatalf("the line has a %T", l.conn.wire.Conn)
	}
	err := s.raw.Control(func(fd uintptr) {
		if got, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT); err != nil || got != enough {
			t.Errorf("%d bytes wake somebody, and %v; want %d", got, err, enough)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAReadThatWaitsEnds on a socket that was quiet.
func TestAReadThatWaitsEnds(t *testing.T) {
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
			s := newSocket(own, nil)
			s.calm()
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

// TestWhatIsNoSocket is used as it is.
func TestWhatIsNoSocket(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	defer a.Close()
	var held []bool
	s := newSocket(a, func(h bool) { held = append(held, h) })
	s.calm()
	go func() { _, _ = b.Write([]byte("x")) }()
	if n, err := s.Read(make([]byte, 10)); n != 1 || err != nil {
		t.Errorf("read %d bytes and %v", n, err)
	}
	if diff := cmp.Diff([]bool{true, false}, held); diff != "" {
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
