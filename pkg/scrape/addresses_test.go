package scrape

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/transport"
)

// network has hosts that take connections, or do not.
type network struct {
	mu     sync.Mutex
	behave map[string]func(context.Context) (net.Conn, error)
	dialed []string
}

func (n *network) dial(ctx context.Context, _, host string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, host)
	behave := n.behave[host]
	n.mu.Unlock()
	return behave(ctx)
}

// tried is which hosts were dialled since the last call.
func (n *network) tried() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() { n.dialed = nil }()
	return strings.Join(n.dialed, " ")
}

func refuses(context.Context) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func unresolved(context.Context) (net.Conn, error) { return nil, &net.DNSError{Err: "no such host"} }

func dialHangs(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// answers takes connections, and gives each request the same answer; none for the code 0.
func answers(t *testing.T, code int) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		own, other := net.Pipe()
		go func() {
			defer own.Close()
			in := bufio.NewReader(own)
			for {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				if code != 0 {
					fmt.Fprintf(own, "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s", code, len(r.Host), r.Host)
				}
			}
		}()
		t.Cleanup(func() { own.Close() })
		return other, nil
	}
}

// addressBed asks a kubelet at several hosts.
type addressBed struct {
	network
	line   line
	client *http.Client
	hosts  string
	scheme string
}

func newAddressBed(t *testing.T, behave map[string]func(context.Context) (net.Conn, error), hosts string) *addressBed {
	b := &addressBed{network: network{behave: behave}, hosts: hosts, scheme: "http"}
	b.client = &http.Client{Transport: newConnector(nil, b.dial)}
	t.Cleanup(b.line.hangUp)
	return b
}

// ask returns the host that answered, or the cause of the error.
func (b *addressBed) ask(t *testing.T) (host string, err error) {
	first, _, _ := strings.Cut(b.hosts, " ")
	var body bytes.Buffer
	q := question{client: b.client, timeout: 9 * time.Second, url: b.scheme + "://" + first + "/", line: &b.line, hosts: b.hosts, limit: 1000}
	err = fetchInto(t.Context(), q, &body)
	return body.String(), err
}

func TestTheNextAddressIsTried(t *testing.T) {
	const hosts = "a:1 b:1 c:1"
	type behaviour = func(context.Context) (net.Conn, error)
	for _, tt := range []struct {
		name    string
		a, b, c behaviour
		// host answers at last, or cause is that of the error. dialled are the hosts of the first and of the second scrape.
		host, cause       string
		dialled, dialled2 string
		tried             string
		most              time.Duration
	}{
		{"the first works", nil, refuses, refuses, "a:1", "", "a:1", "", "", 0},
		{"refused, then a hang", refuses, dialHangs, nil, "c:1", "", "a:1 b:1 c:1", "", "", 4 * time.Second},
		{"not resolved", unresolved, nil, refuses, "b:1", "", "a:1 b:1", "", "", 0},
		{"two hang", dialHangs, dialHangs, nil, "c:1", "", "a:1 b:1 c:1", "", "", 6 * time.Second},
		{"all fail", unresolved, refuses, dialHangs, "", "timeout", "a:1 b:1 c:1", "a:1 b:1 c:1", "a:1 unknown_host, b:1 refused, c:1 timeout", 9 * time.Second},
		{"none is reached", refuses, unresolved, refuses, "", "refused", "a:1 b:1 c:1", "a:1 b:1 c:1", "a:1 refused, b:1 unknown_host, c:1 refused", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newAddressBed(t, map[string]behaviour{}, hosts)
				for host, behave := range map[string]behaviour{"a:1": tt.a, "b:1": tt.b, "c:1": tt.c} {
					if behave == nil {
						behave = answers(t, 200)
					}
					b.behave[host] = behave
				}
				begin := time.Now()
				host, err := b.ask(t)
				got := []string{host, causeOf(err).Code, b.tried(), triedAddresses(err)}
				if diff := cmp.Diff([]string{tt.host, tt.cause, tt.dialled, tt.tried}, got); diff != "" {
					t.Errorf("host, cause, dialled, tried (-want +got):\n%s", diff)
				}
				if took := time.Since(begin); took > tt.most {
					t.Errorf("it took %s", took)
				}
				// The second scrape uses the connection that there is, or tries them all again.
				if host, _ := b.ask(t); host != tt.host || b.tried() != tt.dialled2 {
					t.Errorf("the second scrape was answered by %q", host)
				}
			})
		})
	}
}

func TestTheAddressThatWorkedIsTriedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newAddressBed(t, map[string]func(context.Context) (net.Conn, error){"a:1": refuses, "b:1": answers(t, 200), "c:1": answers(t, 200)}, "a:1 b:1 c:1")
		if host, err := b.ask(t); host != "b:1" {
			t.Fatalf("answered by %q: %v", host, err)
		}
		b.tried()
		b.line.hangUp()
		if host, _ := b.ask(t); host != "b:1" || b.tried() != "b:1" {
			t.Errorf("answered by %q", host)
		}
		// An address that the node no longer has is not asked, also over a connection that stands.
		b.hosts = "a:1 c:1"
		if host, _ := b.ask(t); host != "c:1" {
			t.Errorf("answered by %q after b went", host)
		}
	})
}

func TestAnAnswerIsAnAnswer(t *testing.T) {
	for _, code := range []int{401, 500} {
		synctest.Test(t, func(t *testing.T) {
			b := newAddressBed(t, map[string]func(context.Context) (net.Conn, error){"a:1": answers(t, code), "b:1": answers(t, 200)}, "a:1 b:1")
			for range 3 {
				_, err := b.ask(t)
				if e, ok := errors.AsType[*statusError](err); !ok || e.code != code {
					t.Errorf("got %v, want %d", err, code)
				}
			}
			if got := b.tried(); got != "a:1" {
				t.Errorf("dialled %s", got)
			}
		})
	}
}

// TestAnAddressThatTakesConnectionsAndHangs is left out by the next scrape. A slow kubelet has all the time of its scrape.
func TestAnAddressThatTakesConnectionsAndHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newAddressBed(t, map[string]func(context.Context) (net.Conn, error){"a:1": answers(t, 0), "b:1": answers(t, 200)}, "a:1 b:1")
		if _, err := b.ask(t); causeOf(err).Code != "timeout" {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if host, err := b.ask(t); host != "b:1" {
				t.Errorf("answered by %q: %v", host, err)
			}
		}
	})
}

// TestAnAddressThatAnsweredMayFailOnce has a kubelet that is slow once, and then for ever.
func TestAnAddressThatAnsweredMayFailOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works, silent := answers(t, 200), answers(t, 0)
		b := newAddressBed(t, map[string]func(context.Context) (net.Conn, error){"b:1": works}, "a:1 b:1")
		for i, step := range []struct {
			a    func(context.Context) (net.Conn, error)
			want string
		}{{works, "a:1"}, {silent, ""}, {works, "a:1"}, {silent, ""}, {silent, ""}, {works, "b:1"}} {
			b.line.hangUp()
			b.behave["a:1"] = step.a
			if host, err := b.ask(t); host != step.want {
				t.Errorf("step %d: answered by %q, want %q: %v", i, host, step.want, err)
			}
		}
	})
}

// TestTLSHasTheTimeOfTheScrape has a first address whose handshake takes longer than its dial may. One whose handshake never ends comes
// last the next time.
func TestTLSHasTheTimeOfTheScrape(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	certificates := server.TLS.Certificates
	server.Close()
	synctest.Test(t, func(t *testing.T) {
		patience := 6 * time.Second
		secured := func(plain func(context.Context) (net.Conn, error), after time.Duration) func(context.Context) (net.Conn, error) {
			return func(ctx context.Context) (net.Conn, error) { return throughTLS(t, plain, certificates, after)(ctx) }
		}
		b := newAddressBed(t, map[string]func(context.Context) (net.Conn, error){
			"a:1": secured(answers(t, 200), patience), "b:1": secured(answers(t, 200), 0),
		}, "a:1 b:1")
		trust, err := newTrust(&transport.Config{TLS: transport.TLSConfig{Insecure: true}})
		if err != nil {
			t.Fatal(err)
		}
		b.client = &http.Client{Transport: newConnector(trust, b.dial)}
		b.scheme = "https"
		if host, err := b.ask(t); host != "a:1" {
			t.Errorf("answered by %q: %v", host, err)
		}
		b.line.hangUp()
		b.behave["a:1"] = secured(answers(t, 200), time.Hour)
		for i, want := range []string{"", "", "b:1"} { // The address has answered: it may fail once.
			if host, err := b.ask(t); host != want {
				t.Errorf("scrape %d: answered by %q, want %q: %v", i, host, want, err)
			}
		}
	})
}

// throughTLS is a server of TLS before another one, which begins the handshake after a while.
func throughTLS(
	t *testing.T, plain func(context.Context) (net.Conn, error), certificates []tls.Certificate, after time.Duration,
) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		inner, err := plain(ctx)
		if err != nil {
			return nil, err
		}
		own, other := net.Pipe()
		stop := make(chan struct{})
		go func() {
			defer own.Close()
			defer inner.Close()
			select {
			case <-stop:
				return
			case <-time.After(after):
			}
			secure := tls.Server(own, &tls.Config{Certificates: certificates})
			go func() { _, _ = io.Copy(inner, secure) }()
			_, _ = io.Copy(secure, inner)
		}()
		t.Cleanup(func() {
			close(stop)
			own.Close()
			inner.Close()
		})
		return other, nil
	}
}

func TestDialShares(t *testing.T) {
	for hosts, want := range map[int][]float64{1: {1}, 2: {0.5, 1}, 4: {0.5, 0.25, 1. / 3, 1}} {
		for i, part := range want {
			if got := dialShare(i, hosts); got != part {
				t.Errorf("host %d of %d: %v, want %v", i, hosts, got, part)
			}
		}
	}
}

func TestHostsInOrder(t *testing.T) {
	for first, want := range map[string]string{"": "a b c", "a": "a b c", "b": "b a c", "c": "c a b", "d": "a b c"} {
		if got := inOrder("a b c", first); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("first %q: %q, want %s", first, got, want)
		}
	}
	for host, want := range map[string]string{"a": "b", "b": "c", "c": "a", "d": ""} {
		if got := after("a b c", host); got != want {
			t.Errorf("after %q: %q, want %q", host, got, want)
		}
	}
}

// TestTheCauseNamesAllAddresses as the 404 and the log have them.
func TestTheCauseNamesAllAddresses(t *testing.T) {
	b := &network{behave: map[string]func(context.Context) (net.Conn, error){"a:1": refuses, "b:1": unresolved}}
	client := &http.Client{Transport: newConnector(nil, b.dial)}
	inBubble(t, func(c *Config) { c.Sources[0].Client = client }, func(t *testing.T, bed *bed) {
		n := node("n")
		n.URL, n.Hosts = "http://a:1/", "a:1 b:1"
		bed.Set(n)
		<-time.After(2 * firstSpread)
		if got := bed.Cause("n"); !strings.HasSuffix(got, "; addresses tried: a:1 refused, b:1 unknown_host") {
			t.Errorf("the cause is %q", got)
		}
	})
}
