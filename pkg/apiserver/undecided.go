package apiserver

import (
	"net/http"
	"strings"
)

// maxPlain is how much is written of a refusal that is plain text, in bytes: the library repeats in some what was sent.
const maxPlain = 512

// undecidedWriter is the response writer of a request that is not authorized. What is written through it is a refusal, which the client has
// to take within the refusal time.
type undecidedWriter struct {
	http.ResponseWriter
	// giveBack gives back the place of the request; nil when that is done.
	giveBack func()
	// untaken takes a place for the refusal until the client has taken it, instead of that of the request. Where there is none, the answer has no body,
	// so it does not wait. Nil where the request keeps its place.
	untaken func() (giveBack func(), ok bool)
	refused bool
	// short is true where the refusal has no body.
	short bool
	// left is how much of a plain text may still be written, in bytes.
	left int
}

// Unwrap lets http.ResponseController reach the connection.
func (u *undecidedWriter) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (u *undecidedWriter) WriteHeader(code int) {
	u.begin()
	u.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter. It reports all as written, also where it leaves out the end of a plain text.
func (u *undecidedWriter) Write(text []byte) (int, error) {
	u.begin()
	if u.short {
		return len(text), nil
	}
	kept := text
	if strings.HasPrefix(u.Header().Get("Content-Type"), "text/plain") {
		kept = text[:min(len(text), u.left)]
		u.left -= len(kept)
	}
	if n, err := u.ResponseWriter.Write(kept); err != nil {
		return n, err
	}
	return len(text), nil
}

func (u *undecidedWriter) begin() {
	if u.refused {
		return
	}
	u.refused, u.left = true, maxPlain
	boundWrites(u.ResponseWriter)
	if u.untaken == nil {
		return
	}
	giveBack, ok := u.untaken()
	if !ok {
		u.short = true
		u.Header().Set("Content-Length", "0")
		return
	}
	u.end()
	u.giveBack = giveBack
}

// finish waits until the client has taken the refusal.
func (u *undecidedWriter) finish(r *http.Request) {
	if u.refused {
		finishWrites(u.ResponseWriter, r)
	}
}

// end gives the place back, once.
func (u *undecidedWriter) end() {
	if u.giveBack != nil {
		u.giveBack()
		u.giveBack = nil
	}
}
