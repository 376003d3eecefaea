package clients

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// k9sConfig turns off what is not needed to see a table, and the request for the newest version.
const k9sConfig = `
k9s:
  refreshRate: 2
  skipLatestRevCheck: true
  ui: {headless: true, logoless: true, crumbsless: true, splashless: true, noIcons: true}
`

// TestK9s has k9s show the pods of a namespace, all pods and all nodes.
func TestK9s(t *testing.T) {
	binary, dir := part(t, parts.K9s), t.TempDir()
	settle(t)
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(k9sConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := []string{"K9S_CONFIG_DIR=" + dir, "K9S_LOGS_DIR=" + dir, "HOME=" + dir, "TERM=screen-256color"}
	x := newTerminal(t, environment, binary, "--kubeconfig="+env.AdminKubeconfig(), "--readonly", "-n", "team-1", "--command", "pods")
	t.Cleanup(func() {
		if screen, err := x.screen(context.WithoutCancel(t.Context())); t.Failed() {
			t.Logf("the screen, %v:\n%s", err, screen)
		}
	})
	for _, tt := range []struct {
		command string
		want    map[string]expected
		key     func(row map[string]string) string
	}{
		{"", byContainer(expectedPods(inNamespace("team-1"))), inRow("team-1")},
		{":pods all", byContainer(expectedPods(everyPod)), inRow("")},
		{":nodes", nodesNow(), func(row map[string]string) string { return row["NAME"] }},
	} {
		if tt.command != "" {
			x.enter(t, tt.command)
		}
		poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
			screen, err := x.screen(ctx)
			if err != nil {
				return err
			}
			return compareRows(k9sRows(screen), tt.want, tt.key, "CPU", "MEM")
		})
	}
}

// k9sRows reads the table on the screen of k9s. Headers and numbers are aligned at their ends, and no cell of a row that is read is empty.
func k9sRows(screen string) (rows []map[string]string) {
	var headers []string
	for line := range strings.Lines(screen) {
		cells := strings.Fields(strings.Trim(strings.TrimSpace(line), "│┌┐└┘─"))
		for i, cell := range cells {
			cells[i] = strings.TrimRight(cell, "↑↓")
		}
		switch {
		case slices.Contains(cells, "NAME") && slices.Contains(cells, "CPU"):
			headers = cells
		case len(headers) > 0 && len(cells) == len(headers):
			row := map[string]string{}
			for i, cell := range cells {
				row[headers[i]] = cell
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// byContainer are pods whose containers' CPU k9s rounds up one by one.
func byContainer(pods map[string]expected) map[string]expected {
	const containers = 2
	for key, p := range pods {
		p.parts = containers
		pods[key] = p
	}
	return pods
}
