package clients

import (
	"context"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// fleetCPU, in cores, and fleetMemory, in bytes, are what each node has.
const fleetCPU, fleetMemory = 8, 32 << 30

// expectedNode is the true usage of a node.
func expectedNode(name string) expected {
	e := expected{node: name}
	e.cores, e.memory, _ = env.Fleet.NodeTruth(name)
	for _, p := range expectedPods(onNode(name)) {
		e.swap += p.swap
	}
	return e
}

// checkNodeRows compares rows of nodes with the truth, by the headers of CPU and memory.
func checkNodeRows(t *testing.T, rows []map[string]string, nodes []string, headers [2]string) {
	t.Helper()
	want := map[string]expected{}
	for _, name := range nodes {
		want[name] = expectedNode(name)
	}
	checkRows(t, rows, want, func(row map[string]string) string { return row["NAME"] }, headers[0], headers[1])
}

// checkPercents compares the shares of what a node has, by the headers of CPU and memory.
func checkPercents(t *testing.T, rows []map[string]string, headers [2]string, cores, memory float64) {
	t.Helper()
	for _, row := range rows {
		e := expectedNode(row["NAME"])
		if err := checkPercent(row[headers[0]], e.cores, cores); err != nil {
			t.Errorf("CPU of %s: %v", row["NAME"], err)
		}
		if err := checkPercent(row[headers[1]], float64(e.memory), memory); err != nil {
			t.Errorf("memory of %s: %v", row["NAME"], err)
		}
	}
}

// TestTopNodes has kubectl print nodes with each of its flags.
func TestTopNodes(t *testing.T) {
	k := newKubectl(t)
	all := env.Fleet.Nodes()
	for _, tt := range []struct {
		args     string
		nodes    []string
		sortedBy string
	}{
		{"", all, ""},
		{"--sort-by=cpu", all, "CPU(cores)"},
		{"--sort-by=memory", all, "MEMORY(bytes)"},
		{"--show-capacity", all, ""},
		{"--use-protocol-buffers=false", all, ""},
		{"node-0003", all[2:3], ""},
		{"--selector kubernetes.io/hostname=node-0002", all[1:2], ""},
		{"--selector kubernetes.io/hostname!=node-0002,kubernetes.io/os", append([]string{all[0]}, all[2:]...), ""},
	} {
		t.Run(tt.args, func(t *testing.T) {
			rows := k.table(t, append([]string{"top", "nodes"}, strings.Fields(tt.args)...))
			checkNodeRows(t, rows, tt.nodes, [2]string{"CPU(cores)", "MEMORY(bytes)"})
			checkPercents(t, rows, [2]string{"CPU(%)", "MEMORY(%)"}, fleetCPU, fleetMemory)
			if tt.sortedBy != "" && !isDescending(column(rows, tt.sortedBy)) {
				t.Errorf("not sorted: %q", column(rows, tt.sortedBy))
			}
		})
	}
	t.Run("--no-headers", func(t *testing.T) {
		rows := k.table(t, []string{"top", "nodes", "--no-headers"}, "NAME", "CPU", "%CPU", "MEMORY", "%MEMORY")
		checkNodeRows(t, rows, all, [2]string{"CPU", "MEMORY"})
	})
}

// swapSpace, in bytes, is what each node has.
const swapSpace = 4 << 30

// TestTopNodesCapacity has kubectl print the shares of a node that keeps a half of itself for its system.
func TestTopNodesCapacity(t *testing.T) {
	const node = "node-0001"
	patchStatus := func(ctx context.Context, patch string) {
		t.Helper()
		if _, err := env.Run(ctx, "", "patch", "node", node, "--subresource=status", "--type=strategic", "-p", patch); err != nil {
			t.Error(err)
		}
	}
	patchStatus(t.Context(), `{"status": {"allocatable": {"cpu": "4", "memory": "16Gi"}}}`)
	t.Cleanup(func() {
		patchStatus(context.WithoutCancel(t.Context()), `{"status": {"allocatable": {"cpu": "8", "memory": "32Gi"}}}`)
	})
	k := newKubectl(t)
	for _, tt := range []struct {
		flag          string
		cores, memory float64
	}{{"--show-capacity=false", fleetCPU / 2, fleetMemory / 2}, {"--show-capacity", fleetCPU, fleetMemory}} {
		t.Run(tt.flag, func(t *testing.T) {
			rows := k.table(t, []string{"top", "node", node, "--show-swap", tt.flag})
			checkNodeRows(t, rows, []string{node}, [2]string{"CPU(cores)", "MEMORY(bytes)"})
			checkPercents(t, rows, [2]string{"CPU(%)", "MEMORY(%)"}, tt.cores, tt.memory)
			swap := expectedNode(node).swap
			if err := checkBytes(rows[0]["SWAP(bytes)"], swap); err != nil || swap == 0 {
				t.Errorf("swap space, %d bytes: %v", swap, err)
			}
			if err := checkPercent(rows[0]["SWAP(%)"], float64(swap), swapSpace); err != nil {
				t.Errorf("swap space: %v", err)
			}
		})
	}
}

// TestTopNodeWithoutUsage has kubectl print a node that no kubelet serves, and what it prints where such a node is requested by name.
func TestTopNodeWithoutUsage(t *testing.T) {
	apply(t, `
apiVersion: v1
kind: Node
metadata: {name: unserved, labels: {type: unserved}}
`)
	k := newKubectl(t)
	poll.Eventually(t, servedWithin, func(ctx context.Context) error {
		_, err := env.Run(ctx, "", "get", "node", "unserved")
		return err
	})
	for _, row := range k.table(t, []string{"top", "nodes"}) {
		if missing := row["CPU(cores)"] == "<unknown>"; missing != (row["NAME"] == "unserved") {
			t.Errorf("row %v", row)
		}
	}
	if out, err := env.Run(t.Context(), "", "top", "node", "unserved"); err == nil || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("kubectl prints %q, %v", out, err)
	}
}
