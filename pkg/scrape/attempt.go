package scrape

import (
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// attempt is one scrape of a node: what it goes by.
type attempt struct {
	target target.Target
	source Source
	conn   *kubelet.Conn
	// decoder decodes the responses of the target's URL.
	decoder Decoder
	// original is the target as it was set, and fallback how the node was scraped when the attempt began.
	original target.Target
	fallback fallback
	// followUp is true where the scrape follows another one closely, throughSummary where it uses the summary because the other endpoint has
	// no containers.
	followUp, throughSummary bool
	// ratesRefused is true where the kubelet has refused to serve its own rates.
	ratesRefused bool
	// lastStatus is the status code with which the scrape before ended; 0 where it ended in another way.
	lastStatus int
}

// newAttempt returns the attempt of a scrape that begins now.
func (n *nodeScraper) newAttempt() attempt {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := attempt{
		target: n.target, original: n.target, source: n.manager.config.Sources[n.target.Source], conn: &n.conn,
		fallback: n.fallback, followUp: n.status.followUp, lastStatus: n.status.httpStatus,
		ratesRefused: n.status.ratesRefused,
	}
	if n.decoder == nil || n.decoderOf != n.target.Source {
		n.decoder, n.decoderOf = a.source.NewDecoder(), n.target.Source
	}
	a.decoder = n.decoder
	n.conn.Addresses = n.target.Addresses
	if n.target.SummaryURL != "" && !n.fallback.isOver() {
		a = a.viaSummary(n.manager)
	}
	return a
}

// request is one for a URL with the limits of the source.
func (a attempt) request(url string) request {
	return request{client: a.source.Client, conn: a.conn, url: url, timeout: a.source.Timeout, budget: decodingBudget(a.source.Resolution)}
}

// viaSummary is the same attempt at the kubelet's summary.
func (a attempt) viaSummary(m *Manager) attempt {
	a.target.URL, a.target.SummaryURL, a.target.ExtraSummaryURL = a.target.SummaryURL, "", ""
	a.decoder, a.throughSummary = m.summary, true
	return a
}
