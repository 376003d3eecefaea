package kubelet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"math"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	certutil "k8s.io/client-go/util/cert"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// longEnough is more time than any fault needs that the client ends by itself, short what one gets that only the timeout ends.
const longEnough, short = 20 * time.Second, time.Second

// TestFaultsOfTheConnection has a simulated kubelet break HTTP and TLS in each way, and requires a bound on what is read of it, a reason, and that the
// next request finds a healthy kubelet.
func TestFaultsOfTheConnection(t *testing.T) {
	header := kubelet.MaxHeader + kubelet.ReadAhead + 8<<10 // The handshake, and what TLS adds.
	framing := kubelet.MinAllowed + kubelet.ReadAhead + 8<<10
	for _, tt := range []struct {
		fault fleet.Fault
		want  string
		// bytes is how many may be read; 0 for a page and what TLS adds.
		bytes   int
		timeout time.Duration
	}{
		{fleet.EndlessHeader(), "header_too_large", header, longEnough},
		{fleet.EndlessHeaderField(), "header_too_large", header, longEnough},
		{fleet.EndlessInterim(), "header_too_large", header, longEnough},
		{fleet.EndlessTrailer(), "malformed_http", header, longEnough},
		{fleet.Redirect("https://192.0.2.1/"), "redirect", 0, longEnough},
		{fleet.Drip(10 * time.Millisecond), "slow", 0, short},
		{fleet.Hang(), "timeout", 0, short},
		{fleet.SilentHandshake(), "tls_timeout", 0, short},
		{fleet.AbortedHandshake(), "tls_refused", 0, longEnough},
		{fleet.ChunkSize("ffffffffffffffff"), "truncated", 0, longEnough},
		{fleet.ChunkSize("10000000000000000"), "malformed_http", 0, longEnough},
		{fleet.ChunkSize("-1"), "malformed_http", 0, longEnough},
		{fleet.ChunkExtensions(14), "framing", framing + 4*pageSize, longEnough},
		{fleet.ChunkExtensions(3000), "malformed_http", header, longEnough},
		{fleet.ChunkExtensions(5000), "malformed_http", header, longEnough},
		{fleet.SurplusInChunk(), "malformed_http", 0, longEnough},
		{fleet.WrongLength(+10), "slow", 0, short},
		{fleet.Truncate(), "truncated", 0, longEnough},
		{fleet.WrongLength(-10), "", 0, longEnough},
		{fleet.HugeLength(), "too_large", 0, longEnough},
		{fleet.WithoutLength(), "", 0, longEnough},
		{fleet.SurplusBefore(), "malformed_http", 0, longEnough},
		{fleet.SurplusAfter(), "", 0, longEnough},
		{fleet.HTTP2Frames(), "malformed_http", 0, longEnough},
		{fleet.ByteRecords(), "framing", framing + 4*pageSize, longEnough},
		{fleet.ByteHandshake(), "", 0, longEnough},
		{fleet.OtherCertificate("node-0002"), "tls_wrong_name", 0, longEnough},
		{fleet.ExpiredCertificate(), "tls_invalid_certificate", 0, longEnough},
		{fleet.CertificateChain(100_000), "tls_unverified", 110_000, longEnough},
		{fleet.CertificateChain(1 << 20), "tls_failed", framing, longEnough},
		{fleet.AlertInResponse(), "truncated", 0, longEnough},
		{fleet.SessionTickets(16), "", 0, longEnough},
		{fleet.SessionTickets(1000), "malformed_tls", framing, longEnough},
		{fleet.SessionTicketsWhileIdle(1000), "", framing + 3*pageSize, longEnough},
		{fleet.KeyUpdates(16), "framing", framing + 4*pageSize, longEnough},
		{fleet.KeyUpdates(17), "malformed_tls", framing, longEnough},
		{fleet.KeyUpdateRequest(), "malformed_tls", 0, longEnough},
		{fleet.KeyUpdateWhileIdle(), "", 0, longEnough},
		{fleet.Renegotiation(), "malformed_tls", 0, longEnough},
	} {
		for _, counted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, counted %t", tt.fault, counted), func(t *testing.T) {
				k := newSimulatedKubelet(t, kubelet.Config{})
				if counted {
					k.count()
				}
				k.set(t, tt.fault)
				begin := time.Now()
				if _, err := k.get(t, tt.timeout); reason.Of(err).Label() != tt.want {
					t.Errorf("got the reason %q of %v, want %q", reason.Of(err).Label(), err, tt.want)
				}
				took, limit := time.Since(begin), tt.bytes
				if limit == 0 {
					limit = 2*pageSize + 8<<10
				}
				if read := k.read.Load(); read > int64(limit) {
					t.Errorf("%d bytes were read, want %d at most", read, limit)
				}
				t.Logf("%d bytes were read in %s", k.read.Load(), took.Round(time.Millisecond))
				k.set(t, fleet.Fault{})
				if body, err := k.get(t, longEnough); err != nil || body < pageSize/2 {
					t.Errorf("after that a healthy kubelet returned %d bytes: %v", body, err)
				}
			})
		}
	}
}

// TestCertificateOfAnotherNodeIsRefusedByName where certificates are verified by the node's name, and not by the address.
func TestCertificateOfAnotherNodeIsRefusedByName(t *testing.T) {
	k := newSimulatedKubelet(t, kubelet.Config{VerifyNodeName: true})
	k.conn.Names = []string{"node-0001", k.host}
	k.set(t, fleet.OtherCertificate("node-0002"))
	if _, err := k.get(t, longEnough); reason.Of(err).Label() != "tls_other_node" {
		t.Errorf("got %v", err)
	}
	k.set(t, fleet.Fault{})
	if _, err := k.get(t, longEnough); err != nil {
		t.Error(err)
	}
}

// TestUnrequestedBytesOfAKubeletAreCounted has a simulated kubelet send more than its response: at once, later, and in messages of TLS.
func TestUnrequestedBytesOfAKubeletAreCounted(t *testing.T) {
	same := func(healthy []byte) []byte { return healthy }
	for _, fault := range []fleet.Fault{
		fleet.SurplusAfter(), fleet.WrongLength(-10), fleet.Unsolicited(time.Millisecond, same), fleet.SessionTicketsWhileIdle(1000),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			k := newSimulatedKubelet(t, kubelet.Config{})
			counted := 0
			k.conn.OnUnrequestedBytes = func(context.Context) { counted++ }
			k.set(t, fault)
			// Bytes that come while a request is under way are no different from a response: some of these requests are in time.
			for i := 0; counted == 0; i++ {
				if _, err := k.get(t, longEnough); err != nil || i == 1000 {
					t.Fatalf("request %d: %v", i, err)
				}
			}
		})
	}
}

// pageSize is about how many bytes the response of the simulated kubelet has.
const pageSize = 16 << 10

// simulatedKubelet is a node of a fleet, and the client that scrapes it.
type simulatedKubelet struct {
	fleet  *fleet.Fleet
	client *kubelet.Client
	conn   kubelet.Conn
	host   string
	url    string
	// read counts the bytes that are read from the network.
	read atomic.Int64
}

func newSimulatedKubelet(t *testing.T, c kubelet.Config) *simulatedKubelet {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "kubelets"}, key)
	if err != nil {
		t.Fatal(err)
	}
	k := &simulatedKubelet{}
	if k.fleet, err = fleet.New(fleet.Options{Nodes: 2, Block: 77, Certificate: fleet.SignedBy(ca, key)}); err != nil {
		t.Fatal(err)
	}
	addPods(t, k.fleet)
	startFleet(t, k.fleet)
	k.host = k.fleet.Address(0).String()
	k.url = "https://" + net.JoinHostPort(k.host, strconv.Itoa(k.fleet.Port())) + fleet.PathResource
	c.Policy = address.Policy{AllowLocal: true}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	k.client, err = kubelet.NewClient(c, &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: authority}}, unlimited())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.conn.Close)
	return k
}

func unlimited() *kubelet.Memory { return kubelet.NewMemory(func() int64 { return math.MaxInt64 }) }

// addPods gives the first node as many pods as make a page.
func addPods(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	for i := range pageSize / 600 {
		pod := fleet.Pod{Namespace: "default", Name: fmt.Sprintf("pod-%03d", i), UID: strconv.Itoa(i), Containers: []fleet.Container{{Name: "app", CPU: 0.1, Memory: 1 << 20}}}
		if err := f.AddPod("node-0001", pod); err != nil {
			t.Fatal(err)
		}
	}
}

func startFleet(t *testing.T, f *fleet.Fleet) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func (k *simulatedKubelet) set(t *testing.T, fault fleet.Fault) {
	t.Helper()
	if err := k.fleet.SetFault("node-0001", fault); err != nil {
		t.Fatal(err)
	}
}

// get scrapes the kubelet, and returns the length of the body.
func (k *simulatedKubelet) get(t *testing.T, timeout time.Duration) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	body, _, err := k.client.Get(ctx, &k.conn, k.url, kubelet.MaxBody)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return len(body.Bytes()), nil
}

// count has the connections count what is read, for which they are not read by system calls of the client's own.
func (k *simulatedKubelet) count() {
	k.client.WrapConnections(func(c net.Conn) net.Conn { return &countedConn{c, &k.read} })
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}
