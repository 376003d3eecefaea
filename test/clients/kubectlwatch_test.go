package clients

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

const watchedNamespace = `
apiVersion: v1
kind: Namespace
metadata: {name: watched}
`

// watchedPod is a pod of a name, which runs at once.
const watchedPod = `
apiVersion: v1
kind: Pod
metadata:
  namespace: watched
  name: %s
  annotations: {plimsoll.dev/cpu: 100m, plimsoll.dev/memory: 64Mi}
spec:
  nodeName: node-0003
  containers:
  - {name: app, image: "example.invalid/app:1"}
`

// TestWatchPods has both versions of kubectl watch the pods of a namespace while one begins, changes its usage and ends.
func TestWatchPods(t *testing.T) {
	for name, version := range map[string]func(*testing.T) kubectl{"1.37": newKubectl, "1.20": oldKubectl} {
		t.Run(name, func(t *testing.T) {
			k := version(t)
			apply(t, watchedNamespace)
			apply(t, fmt.Sprintf(watchedPod, "first"))
			events := k.watch(t, "podmetrics", "-n", "watched")
			eventually := func(event, pod string, cores float64, bytes uint64) {
				t.Helper()
				poll.Eventually(t, servedWithin, func(context.Context) error {
					return findEvent(events(), event, expected{pod: pod, cores: cores, memory: bytes})
				})
			}
			eventually("ADDED", "first", 0.1, 64<<20)
			if err := env.Fleet.SetUsage("watched", "first", "app", 0.3, 128<<20); err != nil {
				t.Fatal(err)
			}
			eventually("MODIFIED", "first", 0.3, 128<<20)
			apply(t, fmt.Sprintf(watchedPod, "second"))
			eventually("ADDED", "second", 0.1, 64<<20)
			if _, err := env.Run(t.Context(), "", "delete", "pod", "-n", "watched", "first", "--grace-period=0", "--force"); err != nil {
				t.Fatal(err)
			}
			eventually("DELETED", "first", 0.3, 128<<20)
		})
	}
}

// TestWatchNodes has kubectl watch all nodes: each is added, and then modified with each scrape.
func TestWatchNodes(t *testing.T) {
	events := newKubectl(t).watch(t, "nodemetrics")
	poll.Eventually(t, servedWithin, func(context.Context) error {
		all := events()
		for _, node := range env.Fleet.Nodes() {
			e := expectedNode(node)
			e.pod = node
			for _, event := range []string{"ADDED", "MODIFIED"} {
				if err := findEvent(all, event, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// watch has kubectl watch for the time of a test. The events are the rows that it has printed so far.
func (k kubectl) watch(t *testing.T, args ...string) (events func() []map[string]string) {
	t.Helper()
	p, err := process.Start(process.Options{Name: "kubectl", Dir: t.TempDir(), Binary: k.binary, Args: append([]string{
		"--kubeconfig=" + env.AdminKubeconfig(), "--cache-dir=" + filepath.Join(k.cache, "cache"), "get", "--watch", "--output-watch-events",
	}, args...)})
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, p)
	return func() []map[string]string {
		text, err := os.ReadFile(p.Log())
		if err != nil {
			t.Fatal(err)
		}
		return parseEvents(string(text))
	}
}

// parseEvents reads what kubectl prints of a watch: headers, and below them rows that are not aligned. The last line may be incomplete.
func parseEvents(text string) (events []map[string]string) {
	head, rest, _ := strings.Cut(text, "\n")
	headers := strings.Fields(head)
	for line := range strings.Lines(rest) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		cells := strings.Fields(line)
		row := map[string]string{}
		for i := range min(len(cells), len(headers)) {
			row[headers[i]] = cells[i]
		}
		events = append(events, row)
	}
	return events
}

// findEvent wants an event of an object with its true usage.
func findEvent(events []map[string]string, event string, want expected) error {
	err := fmt.Errorf("no event %s of %s among %d", event, want.pod, len(events))
	for _, row := range events {
		if row["EVENT"] != event || row["NAME"] != want.pod {
			continue
		}
		if err = want.check(row["CPU"], row["MEMORY"]); err == nil {
			return nil
		}
	}
	return err
}
