package apiserver

import (
	"errors"
	"math"
	"net"
	"syscall"
	"testing"
	"time"
)

// TestStalledConnectionIsEnded has a reader take no byte at all of a connection that the limiter accepted: the kernel ends it.
func TestStalledConnectionIsEnded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reader, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	accepted, err := (&connectionLimiter{Listener: listener, max: 1, stall: 100 * time.Millisecond}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	writer := accepted.(*limitedConnection).Conn // Without the deadline of each write.
	if err := writer.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = writer.Write(make([]byte, 1<<16))
	}
	if !errors.Is(err, syscall.ETIMEDOUT) {
		t.Errorf("the write ends with %v, want %v", err, syscall.ETIMEDOUT)
	}
}

func TestStallTimeout(t *testing.T) {
	tests := []struct {
		name                 string
		requestTimeout, want time.Duration
	}{
		{"as long as requests have", time.Minute, time.Minute + grace},
		{"no less than half a minute", time.Second, minStall},
		{"no more than the kernel counts", 1000 * time.Hour, math.MaxInt32 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := stallTimeout(tt.requestTimeout); got != tt.want {
				t.Errorf("a client may stall for %v, want %v", got, tt.want)
			}
		})
	}
}
