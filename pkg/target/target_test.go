package target

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

func testNode(change func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "u1"},
		Status: corev1.NodeStatus{
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeHostName, Address: "host1"},
				{Type: corev1.NodeInternalIP, Address: "10.0.0.1"},
				{Type: corev1.NodeInternalIP, Address: "fd00::1"},
			},
			Capacity:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("3500m"), corev1.ResourceMemory: resource.MustParse("8Gi")},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			NodeInfo:   corev1.NodeSystemInfo{BootID: "b1"},
		},
	}
	n.Status.DaemonEndpoints.KubeletEndpoint.Port = 10999
	if change != nil {
		change(n)
	}
	return n
}

// seriesQuery is the query of a request to ResourcePath.
const seriesQuery = "?name%5B%5D=container_cpu_usage_seconds_total&name%5B%5D=container_memory_working_set_bytes" +
	"&name%5B%5D=container_start_time_seconds&name%5B%5D=node_cpu_usage_seconds_total&name%5B%5D=node_memory_working_set_bytes" +
	"&name%5B%5D=resource_scrape_error&name%5B%5D=scrape_error"

// swapSeriesQuery is appended to seriesQuery where swap space is served.
const swapSeriesQuery = "&name%5B%5D=container_swap_usage_bytes&name%5B%5D=node_swap_usage_bytes"

func TestFor(t *testing.T) {
	config := Config{
		Scheme: "https", Path: ResourcePath, Port: 10250,
		AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeHostName},
	}
	at := func(base string) func(*Target) {
		return func(t *Target) {
			t.URL, t.SummaryURL = base+ResourcePath+seriesQuery, base+SummaryPath
			t.Addresses = strings.TrimPrefix(base, "https://")
		}
	}
	plain := Target{Node: "n1", UID: "u1", Boot: "b1", Ready: true, CPU: 3_500_000_000, Memory: 8 << 30}
	at("https://10.0.0.1:10250")(&plain)
	plain.Addresses = "10.0.0.1:10250 [fd00::1]:10250 host1:10250"
	with := func(changes ...func(*Target)) Target {
		out := plain
		for _, change := range changes {
			change(&out)
		}
		return out
	}
	hosts := func(list string) func(*Target) { return func(t *Target) { t.Addresses = list } }
	pressure, err := sample.ParseResources([]string{"pressure"})
	if err != nil {
		t.Fatal(err)
	}
	swap := func(bytes int64) func(*corev1.Node) {
		return func(n *corev1.Node) { n.Status.NodeInfo.Swap = &corev1.NodeSwapStatus{Capacity: &bytes} }
	}
	annotated := func(path string) func(*corev1.Node) {
		return func(n *corev1.Node) { n.Annotations = map[string]string{cluster.PathAnnotation: path} }
	}
	tests := []struct {
		name   string
		config func(*Config)
		node   func(*corev1.Node)
		want   Target
	}{
		{"the simulator's path", nil, annotated("/metrics/nodes/n1/metrics/resource"), with(func(t *Target) {
			t.URL, t.SummaryURL = "https://10.0.0.1:10250/metrics/nodes/n1/metrics/resource", ""
		})},
		{"the simulator's path of another node", nil, annotated("/metrics/nodes/n2/metrics/resource"), plain},
		{"any other path", nil, annotated("/../exec"), plain},
		{"the simulator's path and the summary", func(c *Config) { c.Path = SummaryPath },
			annotated("/metrics/nodes/n1/metrics/resource"), with(func(t *Target) {
				t.URL, t.SummaryURL = "https://10.0.0.1:10250"+SummaryPath, ""
			})},
		{"swap that is not served", nil, swap(1 << 30), plain},
		{"swap", func(c *Config) { c.Extra = sample.ResourcesOf(sample.Swap) }, swap(1 << 30), with(func(t *Target) { t.URL += swapSeriesQuery; t.Swap = 1 << 30 })},
		{"no swap", func(c *Config) { c.Extra = sample.ResourcesOf(sample.Swap) }, nil, with(func(t *Target) { t.URL += swapSeriesQuery })},
		{"nonsense for swap", func(c *Config) { c.Extra = sample.ResourcesOf(sample.Swap) }, swap(-1), with(func(t *Target) { t.URL += swapSeriesQuery })},
		{"local disks", func(c *Config) { c.Extra = sample.ResourcesOf(sample.EphemeralStorage) }, nil, with(func(t *Target) {
			t.FullSummaryURL = "https://10.0.0.1:10250/stats/summary"
		})},
		{"details", func(c *Config) { c.Details = true }, nil, with(func(t *Target) { t.FullSummaryURL = "https://10.0.0.1:10250/stats/summary" })},
		{"pressure", func(c *Config) { c.Extra = pressure }, nil, with(func(t *Target) {
			t.ExtraSummaryURL = "https://10.0.0.1:10250" + SummaryPath
		})},
		{"pressure of a simulator's node", func(c *Config) { c.Extra = pressure }, annotated("/metrics/nodes/n1/metrics/resource"), with(func(t *Target) {
			t.URL, t.SummaryURL = "https://10.0.0.1:10250/metrics/nodes/n1/metrics/resource", ""
		})},
		{"all extra resources, of which the summary has pressure and swap", func(c *Config) { c.Path, c.Extra = SummaryPath, sample.AllResources }, nil,
			with(func(t *Target) {
				t.URL, t.SummaryURL, t.FullSummaryURL = "https://10.0.0.1:10250"+SummaryPath, "", "https://10.0.0.1:10250/stats/summary"
			})},
		{"local disks of a simulator's node", func(c *Config) { c.Extra = sample.ResourcesOf(sample.EphemeralStorage) }, annotated("/metrics/nodes/n1/metrics/resource"), with(func(t *Target) {
			t.URL, t.SummaryURL = "https://10.0.0.1:10250/metrics/nodes/n1/metrics/resource", ""
		})},
		{"plain", nil, nil, plain},
		{"names for the verification, of all types", func(c *Config) { c.VerifyNodeName = true }, func(n *corev1.Node) {
			n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeExternalDNS, Address: "n1.example.com"},
				corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "127.0.0.1"}, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "not a name"})
		}, with(func(t *Target) { t.Names = "n1 host1 10.0.0.1 [fd00::1] n1.example.com" })},
		{"summary over http", func(c *Config) { c.Scheme, c.Path, c.Port = "http", SummaryPath, 10255 }, nil,
			with(func(t *Target) {
				t.URL, t.SummaryURL = "http://10.0.0.1:10255/stats/summary?only_cpu_and_memory=true", ""
				t.Addresses = "10.0.0.1:10255 [fd00::1]:10255 host1:10255"
			})},
		{"port of the node", func(c *Config) { c.UseNodeStatusPort, c.StatusPorts = true, utilnet.PortRange{Base: 10999, Size: 1} }, nil,
			with(at("https://10.0.0.1:10999"), hosts("10.0.0.1:10999 [fd00::1]:10999 host1:10999"))},
		{"port of a node that has none", func(c *Config) { c.UseNodeStatusPort = true },
			func(n *corev1.Node) { n.Status.DaemonEndpoints.KubeletEndpoint.Port = 0 }, plain},
		{"order of the flag, not of the node", func(c *Config) {
			c.AddressTypes = []corev1.NodeAddressType{corev1.NodeExternalIP, corev1.NodeHostName, corev1.NodeInternalIP}
		}, nil, with(at("https://host1:10250"), hosts("host1:10250 10.0.0.1:10250 [fd00::1]:10250"))},
		{"IPv6", nil, func(n *corev1.Node) { n.Status.Addresses = n.Status.Addresses[2:] },
			with(at("https://[fd00::1]:10250"))},
		{"not ready, without capacity", nil, func(n *corev1.Node) {
			n.Status.Capacity = nil
			n.Status.Conditions[0].Status = corev1.ConditionUnknown
		}, with(func(t *Target) { t.Ready, t.CPU, t.Memory = false, 0, 0 })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config
			if tt.config != nil {
				tt.config(&c)
			}
			got, err := c.For(cluster.StripNode(testNode(tt.node)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("target (-want +got):\n%s", diff)
			}
		})
	}
}
