package clients

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// kubectl is one version of it, with a cache of its own.
type kubectl struct{ binary, cache string }

// newKubectl is the kubectl of the control plane, once the true usage is served.
func newKubectl(t *testing.T) kubectl {
	t.Helper()
	settle(t)
	return kubectl{env.Kubectl(), t.TempDir()}
}

// oldKubectl is the kubectl of Debian, once the true usage is served.
func oldKubectl(t *testing.T) kubectl {
	t.Helper()
	settle(t)
	return kubectl{part(t, parts.OldKubectl), t.TempDir()}
}

// run returns what kubectl prints to the administrator. A test whose command fails ends.
func (k kubectl) run(t *testing.T, args ...string) string {
	t.Helper()
	all := append([]string{"--kubeconfig=" + env.AdminKubeconfig(), "--cache-dir=" + filepath.Join(k.cache, "cache")}, args...)
	cmd := exec.CommandContext(t.Context(), k.binary, all...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, &complaint)
	}
	return out.String()
}

// table is what kubectl prints as a table.
func (k kubectl) table(t *testing.T, args []string, headers ...string) []map[string]string {
	t.Helper()
	text := k.run(t, args...)
	rows, err := parseTable(text, headers...)
	if err != nil {
		t.Fatalf("kubectl %s: %v in\n%s", strings.Join(args, " "), err, text)
	}
	return rows
}

// TestTopPods has kubectl print pods with each of its flags.
func TestTopPods(t *testing.T) {
	k := newKubectl(t)
	labelled := func(p fleet.PodTruth) bool { return strings.HasPrefix(p.Name, "node-000") && inNamespace("team-1")(p) }
	one := env.Fleet.Pods()[0]
	own := func(p fleet.PodTruth) bool { return p.Namespace == one.Namespace && p.Name == one.Name }
	for _, tt := range []struct {
		args, namespace string
		want            map[string]expected
		sortedBy        string
	}{
		{"-n team-1", "team-1", expectedPods(inNamespace("team-1")), ""},
		{"-A", "", expectedPods(everyPod), ""},
		{"-A --sort-by=cpu", "", expectedPods(everyPod), "CPU(cores)"},
		{"-A --sort-by=memory", "", expectedPods(everyPod), "MEMORY(bytes)"},
		{"-A --containers", "", expectedContainers(everyPod), ""},
		{"-n team-1 --containers", "team-1", expectedContainers(inNamespace("team-1")), ""},
		{"-n team-1 -l app=populated", "team-1", expectedPods(labelled), ""},
		{"-n team-1 -l app in (populated,other),!missing", "team-1", expectedPods(labelled), ""},
		{"-A --field-selector=spec.nodeName=node-0002", "", expectedPods(onNode("node-0002")), ""},
		{"-A --use-protocol-buffers=false", "", expectedPods(everyPod), ""},
		{"-n " + one.Namespace + " " + one.Name, one.Namespace, expectedPods(own), ""},
	} {
		t.Run(tt.args, func(t *testing.T) {
			rows := k.table(t, append([]string{"top", "pods"}, splitArgs(tt.args)...))
			checkRows(t, rows, tt.want, inRow(tt.namespace), "CPU(cores)", "MEMORY(bytes)")
			if tt.sortedBy != "" && !isDescending(column(rows, tt.sortedBy)) {
				t.Errorf("not sorted: %q", column(rows, tt.sortedBy))
			}
		})
	}
}

// splitArgs divides arguments at blanks, and keeps what follows -l together.
func splitArgs(args string) []string {
	if before, selector, found := strings.Cut(args, " -l "); found {
		return append(strings.Fields(before), "-l", selector)
	}
	return strings.Fields(args)
}

// TestTopPodsNoHeaders has kubectl print rows alone.
func TestTopPodsNoHeaders(t *testing.T) {
	rows := newKubectl(t).table(t, []string{"top", "pods", "-A", "--no-headers"}, "NAMESPACE", "NAME", "CPU(cores)", "MEMORY(bytes)")
	checkRows(t, rows, expectedPods(everyPod), inRow(""), "CPU(cores)", "MEMORY(bytes)")
}

// TestTopPodsSum has kubectl add up all rows.
func TestTopPodsSum(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(newKubectl(t).run(t, "top", "pods", "-n", "team-1", "--sum")), "\n")
	sum := expected{}
	for _, p := range expectedPods(inNamespace("team-1")) {
		sum.cores, sum.memory = sum.cores+p.cores, sum.memory+p.memory
	}
	last := strings.Fields(lines[len(lines)-1])
	if len(last) != 2 || !strings.Contains(lines[len(lines)-2], "________") {
		t.Fatalf("the last two lines are no sum: %q", lines[len(lines)-2:])
	}
	if err := sum.check(last[0], last[1]); err != nil {
		t.Error(err)
	}
}

// TestTopPodsSwap has kubectl print the swap space in use.
func TestTopPodsSwap(t *testing.T) {
	rows := newKubectl(t).table(t, []string{"top", "pods", "-n", "team-1", "--show-swap", "--containers"})
	want := expectedContainers(inNamespace("team-1"))
	checkRows(t, rows, want, inRow("team-1"), "CPU(cores)", "MEMORY(bytes)")
	for _, row := range rows {
		e := want[inRow("team-1")(row)]
		if err := checkBytes(row["SWAP(bytes)"], e.swap); err != nil || e.swap == 0 {
			t.Errorf("swap space of %s/%s, %d bytes: %v", e.pod, e.container, e.swap, err)
		}
	}
}

// TestOldKubectl has a kubectl that only knows v1beta1, and no aggregated discovery, read all.
func TestOldKubectl(t *testing.T) {
	k := oldKubectl(t)
	if version := k.run(t, "version", "--client", "--short"); !strings.Contains(version, "v1.20.") {
		t.Errorf("it is %q, want version 1.20", version)
	}
	for _, args := range [][]string{{"top", "pods", "-A"}, {"top", "pods", "-A", "--sort-by=cpu"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			checkRows(t, k.table(t, args), expectedPods(everyPod), inRow(""), "CPU(cores)", "MEMORY(bytes)")
		})
	}
	t.Run("top pods --containers", func(t *testing.T) {
		rows := k.table(t, []string{"top", "pods", "-n", "team-1", "--containers"})
		checkRows(t, rows, expectedContainers(inNamespace("team-1")), inRow("team-1"), "CPU(cores)", "MEMORY(bytes)")
	})
	t.Run("top nodes", func(t *testing.T) {
		rows := k.table(t, []string{"top", "nodes"})
		checkNodeRows(t, rows, env.Fleet.Nodes(), [2]string{"CPU(cores)", "MEMORY(bytes)"})
		checkPercents(t, rows, [2]string{"CPU%", "MEMORY%"}, fleetCPU, fleetMemory)
	})
	t.Run("get", func(t *testing.T) {
		checkRows(t, k.table(t, []string{"get", "podmetrics", "-A"}), expectedPods(everyPod), inRow(""), "CPU", "MEMORY")
		checkNodeRows(t, k.table(t, []string{"get", "nodemetrics"}), env.Fleet.Nodes(), [2]string{"CPU", "MEMORY"})
	})
	t.Run("api-resources", func(t *testing.T) {
		var kinds []string
		for _, row := range k.table(t, []string{"api-resources", "--api-group=metrics.k8s.io"}) {
			kinds = append(kinds, fmt.Sprint(row["NAME"], " ", row["NAMESPACED"], " ", row["KIND"]))
		}
		if diff := cmp.Diff([]string{"nodes false NodeMetrics", "pods true PodMetrics"}, kinds); diff != "" {
			t.Errorf("resources (-want +got):\n%s", diff)
		}
	})
}
