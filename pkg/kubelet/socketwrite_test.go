package kubelet

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestKubeletThatDoesNotRead has a Write wait until the kubelet reads, or the connection ends: its worker is informed, so that others are served meanwhile.
func TestKubeletThatDoesNotRead(t *testing.T) {
	text := strings.Repeat("0123456789", 1_000_000)
	for _, tt := range []struct {
		name string
		end  func(own, other net.Conn)
		// works is true where all is written in the end.
		works bool
	}{
		{"reads later", func(_, other net.Conn) { _, _ = io.CopyN(io.Discard, other, int64(len(text))) }, true},
		{"closed here", func(own, _ net.Conn) { _ = own.Close() }, false},
		{"closed by the other", func(_, other net.Conn) { _ = other.Close() }, false},
		{"a deadline", func(own, _ net.Conn) { _ = own.SetWriteDeadline(time.Now()) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own, other := pair(t)
			blocked := make(chan bool, 1000)
			s := newSocket(own, &blocking{worker: testWorker{blocked: func(b bool) { blocked <- b }}})
			written := make(chan int, 1)
			go func() {
				n, err := io.WriteString(s, text)
				if (err == nil) != tt.works {
					t.Errorf("the Write ended with %v", err)
				}
				written <- n
			}()
			select {
			case is := <-blocked:
				if !is {
					t.Error("the worker runs before it was blocked")
				}
			case <-time.After(testTimeout):
				t.Error("the worker is not informed")
			}
			tt.end(own, other)
			if n := <-written; (n == len(text)) != tt.works {
				t.Errorf("%d bytes were written of %d", n, len(text))
			}
			last := true
			for len(blocked) > 0 {
				last = <-blocked
			}
			if last {
				t.Error("the worker counts as blocked after the Write")
			}
		})
	}
}

// TestWriteArrives in the order and length in which it was written, and blocks no worker where the kernel has space.
func TestWriteArrives(t *testing.T) {
	own, other := pair(t)
	s := newSocket(own, &blocking{worker: testWorker{blocked: func(bool) { t.Error("the worker was blocked") }}})
	for _, part := range []string{"GET ", "/", ""} {
		if n, err := io.WriteString(s, part); n != len(part) || err != nil {
			t.Errorf("%d bytes of %q were written: %v", n, part, err)
		}
	}
	own.Close()
	if got, err := io.ReadAll(other); string(got) != "GET /" || err != nil {
		t.Errorf("got %q: %v", got, err)
	}
	if _, err := io.WriteString(s, "x"); err == nil {
		t.Error("a closed connection takes what is written")
	}
}
