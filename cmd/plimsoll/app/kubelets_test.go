package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// TestKubeletFlagsArrive follows the flags of kubelets to the packages that use them.
func TestKubeletFlagsArrive(t *testing.T) {
	types := []corev1.NodeAddressType{corev1.NodeInternalIP}
	plain := target.Config{Scheme: "https", Path: target.ResourcePath, Port: 10250, AddressTypes: types}
	with := func(change func(*target.Config)) target.Config {
		c := plain
		change(&c)
		return c
	}
	tests := []struct {
		name    string
		kubelet source.Kubelet
		extra   sample.ResourceSet
		kind    source.Kind
		target  target.Config
		client  kubelet.Config
	}{
		{name: "plain", kubelet: source.Kubelet{HTTPS: true}, target: plain},
		{name: "port of the node", kubelet: source.Kubelet{HTTPS: true, UseNodeStatusPort: true, StatusPorts: utilnet.PortRange{Base: 1, Size: 2}},
			target: with(func(c *target.Config) { c.UseNodeStatusPort, c.StatusPorts = true, utilnet.PortRange{Base: 1, Size: 2} })},
		{name: "summary", kubelet: source.Kubelet{HTTPS: true}, kind: source.Summary,
			target: with(func(c *target.Config) { c.Path = target.SummaryPath })},
		{name: "swap", kubelet: source.Kubelet{HTTPS: true}, extra: sample.ResourcesOf(sample.Swap),
			target: with(func(c *target.Config) { c.Extra = sample.ResourcesOf(sample.Swap) })},
		{name: "ephemeral storage", kubelet: source.Kubelet{HTTPS: true}, extra: sample.ResourcesOf(sample.EphemeralStorage),
			target: with(func(c *target.Config) { c.Extra = sample.ResourcesOf(sample.EphemeralStorage) })},
		{name: "verified by the node", kubelet: source.Kubelet{HTTPS: true, VerifyNodeName: true},
			target: with(func(c *target.Config) { c.VerifyNodeName = true }), client: kubelet.Config{VerifyNodeName: true}},
		{name: "not verified", kubelet: source.Kubelet{HTTPS: true, InsecureTLS: true},
			target: with(func(c *target.Config) { c.OneType = true }), client: kubelet.Config{InsecureTLS: true}},
		{name: "simulated kubelets", kubelet: source.Kubelet{HTTPS: true, AllowLocalAddresses: true},
			target: with(func(c *target.Config) { c.Policy.AllowLocal = true }), client: kubelet.Config{Policy: address.Policy{AllowLocal: true}}},
		{name: "no TLS", target: with(func(c *target.Config) { c.Scheme, c.OneType = "http", true }), client: kubelet.Config{Plain: true}},
		{name: "files", kubelet: source.Kubelet{HTTPS: true, CAFile: "ca", CertFile: "crt", KeyFile: "key"}, target: plain,
			client: kubelet.Config{CAFile: "ca", CertFile: "crt", KeyFile: "key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.kubelet.Port, tt.kubelet.AddressTypes = 10250, types
			if diff := cmp.Diff(tt.target, targetConfig(source.Source{Kind: tt.kind, Kubelet: tt.kubelet}, tt.extra, nil)); diff != "" {
				t.Errorf("target (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.client, clientConfig(tt.kubelet, nil)); diff != "" {
				t.Errorf("client (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecoderOfASource(t *testing.T) {
	const summary = `{"node":{"nodeName":"n"},"pods":[{"podRef":{"name":"p","namespace":"ns"}}]}`
	var n sample.Node
	if err := newDecoder(source.Summary, nil, 0)().Decode(t.Context(), []byte(summary), &n); err != nil || len(n.Pods) != 1 {
		t.Errorf("the summary's decoder: %v, %v", n, err)
	}
	if err := newDecoder(source.Resource, nil, 0)().Decode(t.Context(), []byte(summary), &n); !errors.Is(err, decode.ErrEmpty) {
		t.Errorf("the other decoder took a summary: %v", err)
	}
}

// recordedTargets are the calls of a TargetHandler.
type recordedTargets []string

func (r *recordedTargets) Set(t target.Target) {
	*r = append(*r, fmt.Sprintf("set %s of %d", strings.Replace(t.URL, target.ResourcePath+"?"+query(t.URL), target.ResourcePath, 1), t.Source))
}
func (r *recordedTargets) Refuse(node string, _ error) { *r = append(*r, "refuse "+node) }
func (r *recordedTargets) Remove(node string)          { *r = append(*r, "remove "+node) }

func query(address string) string { _, query, _ := strings.Cut(address, "?"); return query }

// TestTargets has a node be reached by the first source that selects it, and by none once nothing does.
func TestTargets(t *testing.T) {
	kubelet := source.Kubelet{HTTPS: true, Port: 1, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP}}
	rules := []nodeRule{
		{labels.SelectorFromSet(labels.Set{"pool": "a"}), targetConfig(source.Source{Kubelet: kubelet}, 0, nil)},
		{labels.SelectorFromSet(labels.Set{"zone": "z"}), targetConfig(source.Source{Kind: source.Summary, Kubelet: kubelet}, 0, nil)},
	}
	addressed := func(of map[string]string) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: of}}
		n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.0.0.1"}}
		return n
	}
	tests := []struct {
		name string
		node *corev1.Node
		want string
	}{
		{"no address", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{"pool": "a"}}}, "refuse n1"},
		{"both select it", addressed(map[string]string{"pool": "a", "zone": "z"}), "set https://10.0.0.1:1/metrics/resource of 0"},
		{"the second selects it", addressed(map[string]string{"zone": "z"}), "set https://10.0.0.1:1/stats/summary?only_cpu_and_memory=true of 1"},
		{"neither selects it", addressed(nil), "remove n1"},
	}
	var calls recordedTargets
	to := &KubeletCollector{rules: rules, Targets: &calls}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to.Set(cluster.StripNode(tt.node))
			if len(calls) != i+1 || calls[i] != tt.want {
				t.Errorf("calls %q, want %q as the newest", calls, tt.want)
			}
		})
	}
	to.Remove("n2")
	if calls[len(calls)-1] != "remove n2" {
		t.Errorf("calls %q", calls)
	}
}

func TestNodesOfAllSources(t *testing.T) {
	pool := source.Source{NodeSelector: labels.SelectorFromSet(labels.Set{"pool": "a"})}
	if got := combinedSelector([]source.Source{pool}).String(); got != "pool=a" {
		t.Errorf("one source selects %q", got)
	}
	if got := combinedSelector([]source.Source{pool, pool}); !got.Empty() {
		t.Errorf("two sources select %q", got)
	}
}

func TestSourcesByCluster(t *testing.T) {
	var got []string
	for _, sources := range byCluster([]source.Source{{Raw: "1"}, {Raw: "2", Cluster: "west"}, {Raw: "3"}, {Raw: "4", Cluster: "east"}, {Raw: "5", Cluster: "west"}}) {
		line := sources[0].Cluster + ":"
		for _, s := range sources {
			line += " " + s.Raw
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{": 1 3", "west: 2 5", "east: 4"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
