package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	certutil "k8s.io/client-go/util/cert"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/docs"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// explanations are the rows of the table of faults in docs/troubleshooting.md: the message of each fault.
func explanations(t *testing.T) map[string]string {
	t.Helper()
	rows, err := docs.Faults()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// kubeletFaults are the rows about kubelets, and what a simulated kubelet does.
func kubeletFaults() map[string]fleet.Fault {
	return map[string]fleet.Fault{
		"The kubelet does not respond.":                       fleet.Hang(),
		"The kubelet returns an error.":                       fleet.Status(http.StatusInternalServerError),
		"The kubelet closes its connections.":                 fleet.DropConnections(),
		"The kubelet breaks off in the middle of a response.": fleet.Truncate(),
		"The kubelet cannot collect its own metrics.":         fleet.ScrapeError(),
		"The kubelet's response is empty.":                    fleet.Empty(),
		"The kubelet's response is too large.":                fleet.HugeLength(),
		"The kubelet does not accept the token of Plimsoll.":  fleet.Status(http.StatusUnauthorized),
		"Plimsoll has no right to the kubelet's metrics.":     fleet.Status(http.StatusForbidden),
		"The kubelet has neither endpoint.":                   fleet.Status(http.StatusNotFound),
		"A proxy redirects the request.":                      fleet.Redirect("https://127.0.0.1:1/metrics/resource"),
		"The kubelet has the certificate of another address.": fleet.OtherCertificate(fleet.NodeName("node", 0)),
		"The kubelet's certificate has expired.":              fleet.ExpiredCertificate(),
		"The kubelet has no certificate yet.":                 fleet.AbortedHandshake(),
		"The kubelet does not end the TLS handshake.":         fleet.SilentHandshake(),
		"The clock of the node is an hour ahead.":             fleet.Clock(time.Hour),
	}
}

// TestFaultsAreExplained has simulated kubelets fail, over TLS, and compares what a reader of the node gets with the table of faults.
func TestFaultsAreExplained(t *testing.T) {
	rows, faults := explanations(t), kubeletFaults()
	kubelets, newClient := newFleet(t, len(faults)+2)
	api := fake.NewClientset()
	if err := kubelets.Register(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	bare := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "bare"}}
	stopped := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "stopped"}, Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.78.99.99"}}}}
	for _, n := range []*corev1.Node{bare, stopped} {
		if _, err := api.CoreV1().Nodes().Create(t.Context(), n, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	wanted := map[string]string{bare.Name: "The Node object has no address.", stopped.Name: "The kubelet is stopped."}
	for i, name := range slices.Sorted(maps.Keys(faults)) {
		node := kubelets.Nodes()[i+1] // The first one has the certificate that another presents.
		wanted[node] = name
		if err := kubelets.SetFault(node, faults[name]); err != nil {
			t.Fatal(err)
		}
	}
	of := source.Kubelet{
		HTTPS: true, Port: kubelets.Port(), AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP}, RequestTimeout: 5 * time.Second, AllowLocalAddresses: true,
	}
	s := newStackOf(t, api, of, 15*time.Second, newClient)
	readers := s.Readers()
	nodes := nodemetrics.NewREST(readers.Nodes, readers.Usage, always{readers.NodeMessages.(messages)})
	runLogged(t, s, func(*ClusterStack) {
		for node, fault := range wanted {
			want := rows[fault]
			if want == "" {
				t.Errorf("the table has no row %q", fault)
			}
			var got string
			for range 600 {
				_, err := nodes.Get(t.Context(), node, nil)
				if got = docs.AsOnThePage(err); got == want {
					break
				}
				<-time.After(50 * time.Millisecond)
			}
			if got != want {
				t.Errorf("%s got\n%q, want\n%q", fault, got, want)
			}
		}
	})
}

// always serves objects before the server is ready as a whole.
type always struct{ messages }

func (always) Ready() error { return nil }

// newFleet starts simulated kubelets, and returns what makes a client that trusts their authority.
func newFleet(t *testing.T, nodes int) (*fleet.Fleet, func(kubelet.Config, *rest.Config) (*kubelet.Client, error)) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "kubelets", NotBefore: time.Now().Add(-2 * time.Hour)}, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := fleet.New(fleet.Options{Nodes: nodes, Block: 78, Certificate: fleet.SignedBy(ca, key)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- made.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	memory := kubelet.NewMemory(func() int64 { return math.MaxInt64 })
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	return made, func(c kubelet.Config, _ *rest.Config) (*kubelet.Client, error) {
		return kubelet.NewClient(c, &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: authority}}, memory)
	}
}

// onePod is the only pod of a cluster.
type onePod struct {
	podmetrics.Pods
	pod *cluster.Pod
}

func (p onePod) Get(string, string) (*cluster.Pod, bool) { return p.pod, true }

// TestExplanationsOfPodsAndLists has the rows of the table of faults that are not about one kubelet.
func TestExplanationsOfPodsAndLists(t *testing.T) {
	rows := explanations(t)
	check := func(fault string, err error) {
		t.Helper()
		if got := docs.AsOnThePage(err); !strings.HasSuffix(got, rows[fault]) || rows[fault] == "" {
			t.Errorf("%s got\n%q, want\n%q", fault, got, rows[fault])
		}
	}
	synctest.Test(t, func(t *testing.T) {
		k := &brokenKubelets{}
		k.fail(syscall.ECONNREFUSED)
		s := newBroken(t, 100, k)
		readers := s.Readers()
		runLogged(t, s, func(*ClusterStack) {
			<-time.After(30 * time.Second)
			_, err := nodemetrics.NewREST(readers.Nodes, readers.Usage, readers.NodeMessages).List(t.Context(), nil)
			check("No kubelet could be scraped since the start: a list.", err)
			for fault, p := range map[string]*cluster.Pod{
				"No node can take the pod.": {Phase: corev1.PodPending}, "The pod has ended.": {Node: "node-0001", Phase: corev1.PodSucceeded},
			} {
				_, err := podmetrics.NewREST(onePod{pod: p}, readers.Usage, always{readers.NodeMessages.(messages)}).Get(t.Context(), "p", nil)
				check(fault, err)
			}
		})
	})
	for fault := range rows {
		if _, known := kubeletFaults()[fault]; !known && !slices.Contains([]string{
			"No kubelet could be scraped since the start: a list.", "No node can take the pod.", "The pod has ended.", "The Node object has no address.", "The kubelet is stopped.",
		}, fault) {
			t.Errorf("no test has the fault %q", fault)
		}
	}
}
