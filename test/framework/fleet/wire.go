package fleet

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
)

// wire returns a fault that takes over the connection of a request, after the request has been read, and writes what it likes. The connection is closed when
// serve returns, and when the fleet ends. Errors of a client that has gone are not the fault's.
func wire(name string, serve func(x *exchange, conn net.Conn)) Fault {
	return Fault{name: name, serve: func(x *exchange) {
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			http.Error(x.w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer conn.Close()
		stop := context.AfterFunc(x.r.Context(), func() { conn.Close() })
		defer stop()
		serve(x, conn)
	}}
}

// healthy returns a copy of the body of a healthy kubelet, and its content type.
func (x *exchange) healthy() (body []byte, contentType string) {
	p := x.fleet.pages.get()
	defer x.fleet.pages.put(p)
	contentType = x.render(p)
	return bytes.Clone(p.body), contentType
}

// unused is healthy for a response that must not be used.
func (x *exchange) unused() (body []byte, contentType string) {
	p := x.fleet.pages.get()
	defer x.fleet.pages.put(p)
	contentType = x.renderUnlogged(p)
	return bytes.Clone(p.body), contentType
}

// paddedSize is about how many bytes a page of a node with thirty pods has.
const paddedSize = 16 << 10

// padded puts blank lines, which are legal in both formats, in front of a body that is shorter than that of a node with many pods.
func padded(body []byte) []byte {
	return append(bytes.Repeat([]byte("\n"), max(paddedSize-len(body), 0)), body...)
}

// text writes a text.
func text(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// repeat writes a text again and again until the client has gone.
func repeat(w io.Writer, text string) {
	block := bytes.Repeat([]byte(text), 1+(16<<10)/len(text))
	for {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// linger keeps the connection open until the client closes it or sends another request.
func linger(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }
