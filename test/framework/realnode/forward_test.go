//go:build linux

package realnode

import (
	"io"
	"net"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestForwardPassesBothWays(t *testing.T) {
	f, server := forwarding(t)
	c := dial(t, f)
	echo(t, c, "hello")
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(c); err != nil || string(rest) != "bye" {
		t.Errorf("after the last word: %q, %v", rest, err)
	}
	_ = server.Close()
	f.end()
}

func TestForwardEndsOpenConnections(t *testing.T) {
	f, server := forwarding(t)
	defer server.Close()
	c := dial(t, f)
	echo(t, c, "hello")
	f.end()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

// forwarding is a forward to a server that repeats what it receives, and then sends bye.
func forwarding(t *testing.T) (*forward, net.Listener) {
	t.Helper()
	server, listener := listen(t), listen(t)
	f := &forward{listener: listener, target: server.Addr().String(), open: map[net.Conn]bool{}}
	f.running.Go(f.accept)
	f.running.Go(func() {
		c, err := server.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
		_, _ = c.Write([]byte("bye"))
	})
	return f, server
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dial(t *testing.T, f *forward) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", f.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func echo(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Errorf("sent %q, received %q: %v", text, got, err)
	}
}
