package integration

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// The cells of a table of kubectl.
const (
	cellName   = `[a-z0-9.-]+`
	cellCPU    = `\d+m`
	cellMemory = `\d+Mi`
	cellWindow = `[\d.]+s`
	cellAge    = `\d+s`
)

// TestTables wants the headings and the rows that a person sees.
func TestTables(t *testing.T) {
	namespace, pod := onePod("node-0077")
	numbers := []string{cellCPU, cellMemory, cellWindow, cellAge}
	container := func(name string) string { return name + ":" + cellCPU + "/" + cellMemory }
	for _, tt := range []struct {
		command, heading string
		row              []string
	}{
		{"get nodemetrics", "NAME CPU MEMORY WINDOW AGE", append([]string{cellName}, numbers...)},
		{"get nodemetrics -o wide", "NAME CPU MEMORY WINDOW AGE", append([]string{cellName}, numbers...)},
		{"get podmetrics " + pod + " -n " + namespace, "NAME CPU MEMORY WINDOW AGE", append([]string{pod}, numbers...)},
		{"get podmetrics -n team-3", "NAME CPU MEMORY WINDOW AGE", append([]string{cellName}, numbers...)},
		{"get podmetrics -A -l app=populated", "NAMESPACE NAME CPU MEMORY WINDOW AGE", append([]string{cellName, cellName}, numbers...)},
		{"get podmetrics -A -l app=populated -o wide", "NAMESPACE NAME CPU MEMORY WINDOW AGE NODE CONTAINERS",
			append(append([]string{cellName, cellName}, numbers...), `node-\d{4}`, container("app")+","+container("proxy"))},
	} {
		t.Run(tt.command, func(t *testing.T) {
			row := regexp.MustCompile("^" + strings.Join(tt.row, " ") + "$")
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				out, err := env.Run(ctx, "", words(tt.command)...)
				if err != nil {
					return err
				}
				lines := strings.Split(strings.TrimSpace(out), "\n")
				if got := strings.Join(strings.Fields(lines[0]), " "); got != tt.heading {
					return fmt.Errorf("the heading is %q, want %q", got, tt.heading)
				}
				for _, line := range lines[1:] {
					if got := strings.Join(strings.Fields(line), " "); !row.MatchString(got) {
						return fmt.Errorf("the row %q does not match %s", got, row)
					}
				}
				return nil
			})
		})
	}
}

// TestRefusals wants a person to read what is not supported, and what is in its place.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ command, want string }{
		{"get podmetrics -A --field-selector status.phase=Running",
			`field selector "status.phase" is not supported: use one of "metadata.name", "metadata.namespace", "spec.nodeName"`},
		{"get nodemetrics --field-selector spec.unschedulable=false", `field selector "spec.unschedulable" is not supported: use one of "metadata.name", "metadata.namespace"`},
		{"get podmetrics -A -l " + manyWords(129), "label selector has 129 requirements with 0 values: at most 128 requirements with 1024 values are allowed"},
		{"get podmetrics -A -l 'app in (" + manyWords(1025) + ")'", "label selector has 1 requirements with 1025 values: at most 128 requirements with 1024 values are allowed"},
		{"get --raw /apis/metrics.k8s.io/v1/pods?continue=abc", "invalid continue token"},
		{"get --raw /apis/metrics.k8s.io/v1/pods?resourceVersion=1&resourceVersionMatch=Exact", "the list of resourceVersion 1 is not kept"},
		{"get --raw /apis/metrics.k8s.io/v1/pods?resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided"},
		{"get --raw /apis/metrics.k8s.io/v1/pods?sendInitialEvents=true", "sendInitialEvents is forbidden for list"},
		{"get --raw /apis/metrics.k8s.io/v1/pods?resourceVersion=9007199254740991", "Too large resource version: 9007199254740991"},
	} {
		t.Run(tt.command[:min(len(tt.command), 100)], func(t *testing.T) {
			out, err := env.Run(t.Context(), "", words(tt.command)...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("kubectl printed %.300q and %v, want %q", out, err, tt.want)
			}
		})
	}
}
