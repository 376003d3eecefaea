package apiserver

import (
	"net/http"
	"time"
)

// afterHandler is for how long the rest of a request may be read, and the rest of a response written, after the handler has returned. At most
// 4 KiB of the response are left by then.
const afterHandler = 10 * time.Second

// refusalTime is for how long the response to a request may be written that is refused or is a probe: it is at most some KiB.
const refusalTime = 5 * time.Second

// withFinalDeadline bounds what the HTTP server does after the handler: it reads what was announced of an HTTP/1.1 body, and flushes the response. The
// threat: a client that announces a body and does not send it, or does not take the end of a response, holds the connection. It has to be the
// outermost filter. The HTTP server lifts the deadlines of a connection before the next request on it.
func withFinalDeadline(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer setFinalDeadline(w, r.ProtoMajor)
		h.ServeHTTP(w, r)
	})
}

func setFinalDeadline(w http.ResponseWriter, protoMajor int) {
	// A writer that has no deadlines is not that of a connection.
	connection, end := http.NewResponseController(w), time.Now().Add(afterHandler)
	_ = connection.SetWriteDeadline(end)
	if protoMajor < 2 { // A stream of HTTP/2 is reset where the body has not come by the end of the response.
		_ = connection.SetReadDeadline(end)
	}
}

// boundWrites fails writing after refusalTime.
func boundWrites(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(refusalTime))
}

// finishWrites returns when the client has taken what was written, or the write deadline has passed. Only then may the next request take the
// place of this one: an HTTP/2 stream stays open until its client allows the response to be sent. On HTTP/1.1 the kernel's buffer takes it.
func finishWrites(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor >= 2 {
		_ = http.NewResponseController(w).Flush()
	}
}
