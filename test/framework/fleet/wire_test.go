package fleet

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// addressOf is where the node with the given index serves HTTPS.
func addressOf(f *Fleet, index int) string {
	return net.JoinHostPort(f.Address(index).String(), strconv.Itoa(f.Port()))
}

// counting counts the bytes that are read.
type counting struct {
	net.Conn
	read int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += n
	return n, err
}

// dialSecure connects to the first node, and counts the bytes below TLS.
func dialSecure(t *testing.T, f *Fleet) (*tls.Conn, *counting) {
	t.Helper()
	conn, err := net.Dial("tcp", addressOf(f, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	below := &counting{Conn: conn}
	return tls.Client(below, &tls.Config{InsecureSkipVerify: true}), below
}

// exchangeBytes sends a request for the text and returns up to so many bytes of what comes then, and the error of the last read.
func exchangeBytes(t *testing.T, conn net.Conn, limit int64) (string, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://node"+PathResource, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(conn); err != nil {
		return "", err
	}
	got, err := io.ReadAll(io.LimitReader(conn, limit))
	return string(got), err
}

// TestWire shows what goes over the connection, below HTTP.
func TestWire(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	start(t, f)
	healthy := renderText(f, false)
	whole := string(response(contentTypeText, []byte(healthy)))
	length := func(n int) string {
		return strings.Replace(whole, fmt.Sprintf("Content-Length: %d", len(healthy)), fmt.Sprintf("Content-Length: %d", n), 1)
	}
	chunks, large := chunked(contentTypeText), string(response(contentTypeText, padded([]byte(healthy))))
	const endless = 100_000
	tests := []struct {
		fault Fault
		// want is the beginning of what comes. So many bytes come at least; 0 where the connection ends after what is wanted.
		want  string
		limit int
	}{
		{EndlessHeader(), "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 50), endless},
		{EndlessHeaderField(), "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 50), endless},
		{EndlessInterim(), strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 50), endless},
		{EndlessTrailer(), chunks + fmt.Sprintf("%x\r\n%s\r\n0\r\n", len(healthy), healthy) + strings.Repeat("A: b\r\n", 50), endless},
		{ChunkSize("ffffffffffffffff"), chunks + "ffffffffffffffff\r\n" + healthy, 0},
		{ChunkExtensions(4), chunks + "1;xxx\r\n\n\r\n1;xxx\r\n\n\r\n", len(chunks) + len(padded([]byte(healthy)))*len("1;xxx\r\n#\r\n") + 5},
		{SurplusInChunk(), chunks + fmt.Sprintf("%x\r\n%ssurplus\r\n0\r\n\r\n", len(healthy), healthy), 0},
		{WrongLength(5), length(len(healthy) + 5), len(length(len(healthy) + 5))},
		{WrongLength(-5), length(len(healthy) - 5), len(length(len(healthy) - 5))},
		{HugeLength(), "HTTP/1.1 200 OK\r\nContent-Type: " + contentTypeText + "\r\nContent-Length: 9223372035781", 200},
		{WithoutLength(), "HTTP/1.0 200 OK\r\nContent-Type: " + contentTypeText + "\r\n\r\n" + healthy, 0},
		{SurplusBefore(), "surplus\r\n" + whole, 0},
		{SurplusAfter(), whole + whole, 2 * len(whole)},
		{HTTP2Frames(), "\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x08\x07", 0},
		{ByteRecords(), large, len(large)},
		{ByteHandshake(), "HTTP/1.1 200 OK\r\n", 200},
		{SessionTickets(3), whole, len(whole)},
		{SessionTicketsWhileIdle(3), whole, len(whole)},
		{KeyUpdates(2), whole, len(whole)},
		{KeyUpdateWhileIdle(), whole, len(whole)},
		{KeyUpdateRequest(), whole, len(whole)},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			if err := f.SetFault("node-0001", tt.fault); err != nil {
				t.Fatal(err)
			}
			conn, _ := dialSecure(t, f)
			limit := tt.limit
			if limit == 0 {
				limit = len(tt.want) + 1000 // The connection ends before.
			}
			got, err := exchangeBytes(t, conn, int64(limit))
			if err != nil || !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %.300q, want %.300q: %v", got, tt.want, err)
			}
			if tt.limit > 0 && len(got) != limit {
				t.Errorf("got %d bytes, want %d", len(got), limit)
			}
		})
	}
}

// TestDrip reads the first bytes of a response that comes slowly.
func TestDrip(t *testing.T) {
	f, clock := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", Drip(time.Minute)); err != nil {
		t.Fatal(err)
	}
	conn, _ := dialSecure(t, f)
	got, err := exchangeBytes(t, conn, 1)
	for range 3 {
		waitFor(t, clock.HasWaiters)
		clock.Step(time.Minute)
		var next [2]byte
		n, readErr := conn.Read(next[:])
		got += string(next[:n])
		if err = readErr; n != 1 {
			t.Fatalf("%d bytes came at once", n)
		}
	}
	if got != "HTTP" || err != nil {
		t.Errorf("got %q: %v", got, err)
	}
}

// TestSizeOfRecords counts what goes over the network for a byte of a response, and in a handshake.
func TestSizeOfRecords(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	sizes := func(fault Fault) (handshake, perByte int) {
		if err := f.SetFault("node-0001", fault); err != nil {
			t.Fatal(err)
		}
		conn, below := dialSecure(t, f)
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		handshake = below.read
		got, err := exchangeBytes(t, conn, 300)
		if err != nil || len(got) != 300 {
			t.Fatalf("%d bytes came: %v", len(got), err)
		}
		return handshake, (below.read - handshake) / len(got)
	}
	normal, _ := sizes(Fault{})
	if _, got := sizes(ByteRecords()); got < 20 {
		t.Errorf("%d bytes come for each, want 20 or more", got)
	}
	if _, got := sizes(KeyUpdates(16)); got < 16*20 {
		t.Errorf("%d bytes come for each with key updates, want %d or more", got, 16*20)
	}
	if got, _ := sizes(ByteHandshake()); got < 3*normal {
		t.Errorf("%d bytes come in a handshake, and %d in a healthy one", got, normal)
	}
}
