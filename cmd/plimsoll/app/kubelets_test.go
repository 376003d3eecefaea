package app

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// TestKubeletFlagsArrive follows the flags that say how kubelets are reached to the packages that reach them.
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
		kubelet options.KubeletConfig
		scrape  options.ScrapeConfig
		kind    source.Kind
		target  target.Config
		access  scrape.Access
	}{
		{name: "plain", target: plain},
		{name: "port of the node", kubelet: options.KubeletConfig{UseNodeStatusPort: true},
			target: with(func(c *target.Config) { c.UseNodeStatusPort = true })},
		{name: "summary", kind: source.Summary, target: with(func(c *target.Config) { c.Path = target.SummaryPath })},
		{name: "swap", scrape: options.ScrapeConfig{ExtraResources: []string{options.Swap}},
			target: with(func(c *target.Config) { c.Swap = true })},
		{name: "ephemeral storage", scrape: options.ScrapeConfig{ExtraResources: []string{options.EphemeralStorage}},
			target: with(func(c *target.Config) { c.Disk = true })},
		{name: "not verified", kubelet: options.KubeletConfig{InsecureTLS: true}, target: plain, access: scrape.Access{InsecureTLS: true}},
		{name: "no TLS", kubelet: options.KubeletConfig{CompletelyInsecure: true},
			target: with(func(c *target.Config) { c.Scheme = "http" }), access: scrape.Access{Plain: true}},
		{name: "files", kubelet: options.KubeletConfig{CAFile: "ca", CertFile: "crt", KeyFile: "key"}, target: plain,
			access: scrape.Access{CAFile: "ca", CertFile: "crt", KeyFile: "key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.kubelet.Port, tt.kubelet.AddressTypes = 10250, types
			config := &options.Config{Kubelet: tt.kubelet, Scrape: tt.scrape}
			if diff := cmp.Diff(tt.target, targetConfig(config, tt.kind)); diff != "" {
				t.Errorf("target (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.access, kubeletAccess(tt.kubelet)); diff != "" {
				t.Errorf("access (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecoderOfASource(t *testing.T) {
	const summary = `{"node":{"nodeName":"n"},"pods":[{"podRef":{"name":"p","namespace":"ns"}}]}`
	if n, err := decoder(source.Summary)([]byte(summary)); err != nil || len(n.Pods) != 1 {
		t.Errorf("the summary's decoder: %v, %v", n, err)
	}
	if _, err := decoder(source.Resource)([]byte(summary)); !errors.Is(err, decode.ErrEmpty) {
		t.Errorf("the other decoder took a summary: %v", err)
	}
}

type toldLoops []string

func (l *toldLoops) Set(t target.Target)         { *l = append(*l, "set "+t.URL) }
func (l *toldLoops) Refuse(node string, _ error) { *l = append(*l, "refuse "+node) }
func (l *toldLoops) Remove(node string)          { *l = append(*l, "remove "+node) }

func TestTargets(t *testing.T) {
	var told toldLoops
	to := &targets{loops: &told, config: target.Config{
		Scheme: "https", Path: "/path", Port: 1, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP},
	}}
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
	to.Set(n)
	n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	to.Set(n)
	to.Remove("n1")
	if want := (toldLoops{"refuse n1", "set https://127.0.0.1:1/path", "remove n1"}); !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
