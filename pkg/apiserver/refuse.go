package apiserver

import (
	"context"
	"net/http"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// overload notes that too many requests like this one wait, and counts it. The caller denies the request, and its limitedResponse responds with 429.
func (b *handlerChain) overload(ctx context.Context, reason string) {
	b.metrics.refused(reason)
	decisionOf(ctx).overloaded.Store(true)
}

// refuse responds that the client has too many requests in flight.
func (b *handlerChain) refuse(w http.ResponseWriter, reason string) {
	w.Header().Set("Retry-After", "1")
	b.refuseWithoutBody(w, http.StatusTooManyRequests, reason)
}

// refuseSize responds that a part of the request is too long. The message is in a header that kubectl shows.
func (b *handlerChain) refuseSize(w http.ResponseWriter, code int, message string) {
	if warning, err := utilnet.NewWarningHeader(299, "-", message); err == nil { // Otherwise the client sent what no header may have.
		w.Header().Set("Warning", warning)
	}
	b.refuseWithoutBody(w, code, refusedSize)
}

// refuseWithoutBody responds without a body, so that the HTTP/2 stream ends although the client takes nothing of it.
func (b *handlerChain) refuseWithoutBody(w http.ResponseWriter, code int, reason string) {
	b.metrics.refused(reason)
	boundWrites(w)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(code)
}
