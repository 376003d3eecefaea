package endpoint

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// respondWith is the address of a server that responds to each request with these bytes, and closes the connection.
func respondWith(t *testing.T, response string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(conn, response)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return "http://" + listener.Addr().String()
}

// TestErrorsAreBounded has servers that send what is not HTTP, of which the library's errors repeat everything.
func TestErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct{ name, response, want string }{
		{"a line that is no status", long + "\r\n\r\n", "malformed HTTP response"},
		{"a status that is no number", "HTTP/1.1 " + long + "\r\n\r\n", "malformed HTTP status code"},
		{"a field without a colon", "HTTP/1.1 200 OK\r\n" + long + "\r\n\r\n", "malformed MIME header"},
		{"a location that is no URL", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[\x1b" + long + "\r\n\r\n", "Location"},
		{"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: " + long + "\r\n\r\n", "Content-Length"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newEndpoint(t, Config{URL: respondWith(t, tt.response), Timeout: 10 * time.Second}).Post(t.Context(), "", nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, export.ErrRejected) {
				t.Fatalf("error %.300v, want one with %q", err, tt.want)
			}
			if text := err.Error(); len(text) > 300 || strings.Contains(text, "\x1b") {
				t.Errorf("the error has %d bytes: %.300q", len(text), text)
			}
		})
	}
}
