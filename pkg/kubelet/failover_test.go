package kubelet

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

func TestNextAddressIsTried(t *testing.T) {
	const addresses = "a:1 b:1 c:1"
	for _, tt := range []struct {
		name    string
		a, b, c dialBehaviour
		// address responds at last, or kind is that of the error. dialled are the addresses of the first and of the second request.
		address, kind     string
		dialled, dialled2 string
		failed            string
		most              time.Duration
	}{
		{"the first works", nil, refuse, refuse, "a:1", "", "a:1", "", "", 0},
		{"refused, then a hang", refuse, hang, nil, "c:1", "", "a:1 b:1 c:1", "", "", 4 * time.Second},
		{"not resolved", failLookup, nil, refuse, "b:1", "", "a:1 b:1", "", "", 0},
		{"two hang", hang, hang, nil, "c:1", "", "a:1 b:1 c:1", "", "", 6 * time.Second},
		{"all fail", failLookup, refuse, hang, "", "timeout", "a:1 b:1 c:1", "a:1 b:1 c:1", "a:1 unknown host, b:1 refused, c:1 timeout", 9 * time.Second},
		{"none is reached", refuse, failLookup, refuse, "", "refused", "a:1 b:1 c:1", "a:1 b:1 c:1", "a:1 refused, b:1 unknown host, c:1 refused", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newMultiHomed(t, map[string]dialBehaviour{}, addresses)
				for address, behave := range map[string]dialBehaviour{"a:1": tt.a, "b:1": tt.b, "c:1": tt.c} {
					if behave == nil {
						behave = respond(t, 200)
					}
					k.behave[address] = behave
				}
				begin := time.Now()
				address, err := k.get(t)
				got := []string{address, kindOf(err), k.takeDialed(), failedAddresses(err)}
				if diff := cmp.Diff([]string{tt.address, tt.kind, tt.dialled, tt.failed}, got); diff != "" {
					t.Errorf("address, kind, dialled, failed (-want +got):\n%s", diff)
				}
				if took := time.Since(begin); took > tt.most {
					t.Errorf("it took %s", took)
				}
				// The second request uses the connection that there is, or tries all addresses again.
				if address, _ := k.get(t); address != tt.address || k.takeDialed() != tt.dialled2 {
					t.Errorf("%q responded to the second request", address)
				}
			})
		})
	}
}

func TestAddressThatRespondedIsTriedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newMultiHomed(t, map[string]dialBehaviour{"a:1": refuse, "b:1": respond(t, 200), "c:1": respond(t, 200)}, "a:1 b:1 c:1")
		if address, err := k.get(t); address != "b:1" {
			t.Fatalf("%q responded: %v", address, err)
		}
		k.takeDialed()
		k.conn.Close()
		if address, _ := k.get(t); address != "b:1" || k.takeDialed() != "b:1" {
			t.Errorf("%q responded", address)
		}
		// An address that the node no longer has gets no request, not even over a connection that is open.
		k.conn.Addresses = []string{"a:1", "c:1"}
		if address, _ := k.get(t); address != "c:1" {
			t.Errorf("%q responded after b was removed", address)
		}
	})
}

func TestErrorResponseEndsFailover(t *testing.T) {
	for _, code := range []int{401, 500} {
		synctest.Test(t, func(t *testing.T) {
			k := newMultiHomed(t, map[string]dialBehaviour{"a:1": respond(t, code), "b:1": respond(t, 200)}, "a:1 b:1")
			for range 3 {
				_, err := k.get(t)
				if e, ok := errors.AsType[*StatusError](err); !ok || e.Code != code {
					t.Errorf("got %v, want %d", err, code)
				}
			}
			if got := k.takeDialed(); got != "a:1" {
				t.Errorf("dialled %s", got)
			}
		})
	}
}

// TestUnresponsiveAddressIsTriedLast has an address take connections and hang. A slow kubelet has all the time of its request.
func TestUnresponsiveAddressIsTriedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newMultiHomed(t, map[string]dialBehaviour{"a:1": respond(t, 0), "b:1": respond(t, 200)}, "a:1 b:1")
		if _, err := k.get(t); kindOf(err) != "timeout" {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if address, err := k.get(t); address != "b:1" {
				t.Errorf("%q responded: %v", address, err)
			}
		}
	})
}

// TestProvenAddressMayFailOnce has a kubelet that is slow once, and then always.
func TestProvenAddressMayFailOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		works, silent := respond(t, 200), respond(t, 0)
		k := newMultiHomed(t, map[string]dialBehaviour{"b:1": works}, "a:1 b:1")
		for i, step := range []struct {
			a    dialBehaviour
			want string
		}{{works, "a:1"}, {silent, ""}, {works, "a:1"}, {silent, ""}, {silent, ""}, {works, "b:1"}} {
			k.conn.Close()
			k.behave["a:1"] = step.a
			if address, err := k.get(t); address != step.want {
				t.Errorf("step %d: %q responded, want %q: %v", i, address, step.want, err)
			}
		}
	})
}

// TestHandshakeMayTakeTheCompleteTimeout has a first address whose handshake takes longer than its dial may. An address whose handshake never ends is
// tried last by the next request.
func TestHandshakeMayTakeTheCompleteTimeout(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	certificates := server.TLS.Certificates
	server.Close()
	synctest.Test(t, func(t *testing.T) {
		withTLS := func(plain dialBehaviour, after time.Duration) dialBehaviour {
			return throughTLS(t, plain, certificates, after)
		}
		k := newMultiHomed(t, map[string]dialBehaviour{"a:1": withTLS(respond(t, 200), 6*time.Second), "b:1": withTLS(respond(t, 200), 0)}, "a:1 b:1")
		var err error
		if k.client.certificates, err = newCertificates(&rest.Config{TLSClientConfig: rest.TLSClientConfig{Insecure: true}}); err != nil {
			t.Fatal(err)
		}
		k.scheme = "https"
		if address, err := k.get(t); address != "a:1" {
			t.Errorf("%q responded: %v", address, err)
		}
		k.conn.Close()
		k.behave["a:1"] = withTLS(respond(t, 200), time.Hour)
		for i, want := range []string{"", "", "b:1"} { // The address has responded: it may fail once.
			if address, err := k.get(t); address != want {
				t.Errorf("request %d: %q responded, want %q: %v", i, address, want, err)
			}
		}
	})
}

func TestDialShares(t *testing.T) {
	for addresses, want := range map[int][]float64{1: {1}, 2: {0.5, 1}, 4: {0.5, 0.25, 1. / 3, 1}} {
		for i, part := range want {
			if got := dialShare(i, addresses); got != part {
				t.Errorf("address %d of %d: %v, want %v", i, addresses, got, part)
			}
		}
	}
}

func TestOrderOfAddresses(t *testing.T) {
	for preferred, want := range map[string]string{"": "a b c", "a": "a b c", "b": "b a c", "c": "c a b", "d": "a b c"} {
		f := failover{preferred: preferred}
		if got := f.order(strings.Fields("a b c")); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("preferred %q: %q, want %s", preferred, got, want)
		}
	}
	for address, want := range map[string]string{"a": "b", "b": "c", "c": "a", "d": ""} {
		if got := nextAddress(strings.Fields("a b c"), address); got != want {
			t.Errorf("after %q: %q, want %q", address, got, want)
		}
	}
}
