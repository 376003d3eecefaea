package apiserver

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestWriteEnds has a client take nothing of a write, for which the server set a deadline or none.
func TestWriteEnds(t *testing.T) {
	const stall = time.Minute
	tests := []struct {
		name     string
		deadline time.Duration
		want     time.Duration
	}{
		{"without a deadline", 0, stall},
		{"with an earlier deadline", time.Second, time.Second},
		{"with a later deadline", time.Hour, stall},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				defer here.Close()
				c := &limitedConnection{Conn: there, limiter: &connectionLimiter{stall: stall}}
				begin := time.Now()
				if tt.deadline > 0 {
					if err := c.SetDeadline(begin.Add(tt.deadline)); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := c.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the write ends with %v", err)
				}
				if took := time.Since(begin); took != tt.want {
					t.Errorf("the write ends after %v, want %v", took, tt.want)
				}
			})
		})
	}
}
