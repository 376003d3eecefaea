package apiserver

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	genericapiserver "k8s.io/apiserver/pkg/server"
)

// TestCutOff has a reader take nothing of an endless answer. The handler ends, and the next answer is whole.
func TestCutOff(t *testing.T) {
	var ended chan struct{}
	handler := withCutOff(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/endless" {
			return
		}
		text := []byte(strings.Repeat("0123456789", 10_000))
		for {
			if _, err := w.Write(text); err != nil {
				close(ended)
				return
			}
		}
	}))
	soon := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 50*time.Millisecond-grace)
		if r.URL.Path != "/endless" {
			ctx, cancel = context.WithTimeout(r.Context(), time.Minute)
		}
		defer cancel()
		handler.ServeHTTP(w, r.WithContext(ctx))
	})
	for _, version := range []int{1, 2} {
		ended = make(chan struct{})
		t.Run([]string{1: "HTTP/1.1", 2: "HTTP/2"}[version], func(t *testing.T) {
			server := httptest.NewUnstartedServer(soon)
			server.EnableHTTP2 = version == 2
			server.StartTLS()
			defer server.Close()
			answer := ask(t, server, "/endless")
			if answer.ProtoMajor != version {
				t.Fatalf("the server speaks %s", answer.Proto)
			}
			select {
			case <-ended:
			case <-time.After(time.Minute):
				t.Fatal("the handler goes on")
			}
			if n, err := io.Copy(io.Discard, answer.Body); err == nil {
				t.Errorf("the answer ends well after %d bytes", n)
			}
			if err := answer.Body.Close(); err != nil {
				t.Error(err)
			}
			next := ask(t, server, "/")
			if err := next.Body.Close(); err != nil || next.StatusCode != http.StatusOK {
				t.Errorf("the next answer is %s, %v", next.Status, err)
			}
		})
	}
}

func ask(t *testing.T, server *httptest.Server, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestStall has a reader take no byte at all: the kernel ends the connection.
func TestStall(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := &stallLimiter{listener, 100 * time.Millisecond}
	defer limited.Close()
	reader, err := net.Dial("tcp", limited.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	writer, err := limited.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := writer.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = writer.Write(make([]byte, 1<<16))
	}
	if !errors.Is(err, syscall.ETIMEDOUT) {
		t.Errorf("the write ends with %v, want %v", err, syscall.ETIMEDOUT)
	}
}

func TestLimitStalls(t *testing.T) {
	tests := []struct {
		name                 string
		requestTimeout, want time.Duration
	}{
		{"as long as requests have", time.Minute, time.Minute + grace},
		{"no less than half a minute", time.Second, leastStall},
		{"no more than the kernel counts", 1000 * time.Hour, math.MaxInt32 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := limitStalls(nil, tt.requestTimeout).longest; got != tt.want {
				t.Errorf("a client may stall for %v, want %v", got, tt.want)
			}
		})
	}
}

// TestWantsMore has every flag that asks for a filter which is left out choose the library's chain.
func TestWantsMore(t *testing.T) {
	tests := []struct {
		name string
		flag func(*genericapiserver.Config)
		want bool
	}{
		{"no flag", func(*genericapiserver.Config) {}, false},
		{"--shutdown-send-retry-after", func(c *genericapiserver.Config) { c.ShutdownSendRetryAfter = true }, true},
		{"--shutdown-watch-termination-grace-period", func(c *genericapiserver.Config) { c.ShutdownWatchTerminationGracePeriod = time.Second }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := genericapiserver.NewConfig(Codecs)
			tt.flag(config)
			if got := wantsMore(config); got != tt.want {
				t.Errorf("wants more: %t", got)
			}
		})
	}
}
