package scrape

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// TestMessageNamesAllAddresses as the 404 and the log have them.
func TestMessageNamesAllAddresses(t *testing.T) {
	inBubble(t, func(c *testConfig) {
		c.transport = roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &kubelet.AddressesError{Failed: []kubelet.FailedAddress{
				{Address: "a:1", Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
				{Address: "b:1", Err: &net.DNSError{Err: "no such host"}},
			}}
		})
	}, func(t *testing.T, e *env) {
		n := node("n")
		n.URL, n.Addresses = "http://a:1/", "a:1 b:1"
		e.Set(n)
		<-time.After(2 * initialSpread)
		if got := e.Message("n"); !strings.HasSuffix(got, "; addresses tried: a:1 refused, b:1 unknown_host") {
			t.Errorf("the message is %q", got)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
