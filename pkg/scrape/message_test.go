package scrape

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// TestDetailsNameAllAddresses that were tried, and the message none.
func TestDetailsNameAllAddresses(t *testing.T) {
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
		if got, want := e.Status("n").Details, "addresses tried: a:1 refused, b:1 unknown_host"; got != want {
			t.Errorf("the details are %q, want %q", got, want)
		}
		if got := e.Status("n").Message; got == "" || strings.Contains(got, ":1") {
			t.Errorf("the message is %q", got)
		}
	})
}

// TestRefusedAddressIsInTheDetailsAlone has a node whose address is refused, and one that has none.
func TestRefusedAddressIsInTheDetailsAlone(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, e *env) {
		refused := fmt.Errorf("node n cannot be reached: %w", &address.Error{Address: "169.254.1.7", Reason: "is link-local"})
		e.Refuse("n", refused)
		e.Refuse("bare", errors.New("node bare has no address"))
		for _, text := range []string{e.Status("n").Message, e.Progress().String()} {
			if text == "" || strings.Contains(text, "169.254") {
				t.Errorf("people who may not read nodes are shown %q", text)
			}
		}
		if got := e.Status("n").Details; got != refused.Error() {
			t.Errorf("the details are %q", got)
		}
		if got, want := e.Status("bare").Details+e.Status("unknown").Details, "node bare has no address"; got != want {
			t.Errorf("the details are %q, want %q", got, want)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
