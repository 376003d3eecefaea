package fleet

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The paths that a simulated kubelet serves.
const (
	PathResource = "/metrics/resource"
	PathSummary  = "/stats/summary"
	PathHealth   = "/healthz"
)

// ServeHTTP serves the node at whose address the request arrived.
func (f *Fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	n, err := f.nodeAt(local)
	if err != nil {
		http.Error(w, err.Error(), http.StatusMisdirectedRequest)
		return
	}
	path := strings.TrimSuffix(r.URL.Path, "/")
	n.traffic.begin(path, r.TLS == nil, f.options.Clock.Now())
	defer n.traffic.end()
	if r.TLS != nil && f.options.Authorize != nil {
		if status := f.options.Authorize(r); status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
			return
		}
	}
	x := &exchange{w: w, r: r, path: path, fleet: f, node: n}
	if active := n.fault.Load(); active != nil && active.concerns(path) {
		x.released = active.released
		active.serve(x)
		return
	}
	x.respond()
}

// nodeAt returns the node at the address.
func (f *Fleet) nodeAt(addr net.Addr) (*node, error) {
	if i, ok := f.block().index(addr); ok && i < len(f.nodes) {
		return f.nodes[i], nil
	}
	return nil, fmt.Errorf("no simulated kubelet is at %v", addr)
}

// exchange is one request and its response.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	path  string
	fleet *Fleet
	node  *node
	// released is closed when the fault that serves this exchange ends.
	released <-chan struct{}
	// noContainers leaves the containers out of /metrics/resource.
	noContainers bool
}

// respond serves as a healthy kubelet does.
func (x *exchange) respond() {
	switch {
	case x.path == PathHealth:
		x.send("text/plain; charset=utf-8", []byte("ok"))
	case x.path == PathSummary && x.r.Method != http.MethodGet && x.r.Method != http.MethodPost:
		http.Error(x.w, "405: Method Not Allowed", http.StatusMethodNotAllowed)
	case x.path == PathSummary, x.path == PathResource:
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		x.send(x.render(p), p.body)
	default:
		http.NotFound(x.w, x.r)
	}
}

// render writes the body of the requested endpoint into p and returns its content type.
func (x *exchange) render(p *page) string {
	p.isTrue = true
	return x.renderUnlogged(p)
}

// renderUnlogged is render of a body whose values must not be used: the fleet's history has its pods, and no readings of them.
func (x *exchange) renderUnlogged(p *page) string {
	p.history = x.fleet.history
	o := &x.fleet.options
	if x.path == PathSummary {
		brief := x.r.URL.Query()["only_cpu_and_memory"]
		p.summary(x.node, summary{
			now: x.fleet.now(), swap: o.Swap, pressure: o.Pressure, brief: len(brief) == 1 && brief[0] == "true",
			memory: uint64(o.Capacity.Memory().Value()),
		})
		return contentTypeJSON
	}
	s := selection{swap: o.Swap, noContainers: x.noContainers}
	if x.r.URL.RawQuery != "" {
		s.wanted = x.r.URL.Query()["name[]"]
	}
	p.text(x.node, x.fleet.now(), s)
	return contentTypeText
}

// textBuffer is how much a kubelet writes of its text at once, in bytes: the buffer of the library that makes the text. So its response has
// no length, and comes in TLS records that are hardly larger.
const textBuffer = 4096

// send writes a body; compressed where a kubelet would.
func (x *exchange) send(contentType string, body []byte) {
	x.w.Header().Set("Content-Type", contentType)
	switch {
	case x.path != PathResource:
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = x.w.Write(body) // A reader that has gone is its own affair.
		return
	case !x.acceptsGzip():
		for piece := range slices.Chunk(body, textBuffer) {
			_, _ = x.w.Write(piece)
		}
		return
	}
	x.w.Header().Set("Content-Encoding", "gzip")
	z := x.fleet.pages.compressor(x.w)
	defer x.fleet.pages.reuse(z)
	_, _ = z.Write(body)
	_ = z.Close()
}

func (x *exchange) acceptsGzip() bool {
	for part := range strings.SplitSeq(x.r.Header.Get("Accept-Encoding"), ",") {
		coding, _, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == "gzip" {
			return true
		}
	}
	return false
}

var _ http.Handler = (*Fleet)(nil)
