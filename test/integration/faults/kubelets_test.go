package faults

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// manyContainers is how many a kubelet gives to one pod, and almostTooMany as many as a text may have that is decoded at all.
const manyContainers, almostTooMany = 99_000, 49_000

// TestKubelets has kubelets attack by their responses.
func TestKubelets(t *testing.T) {
	noText := fleet.Status(http.StatusNotFound).On(fleet.PathResource)
	tests := []struct {
		name    string
		faults  []fleet.Fault
		counted []string
	}{
		{"99,000 containers of one pod on as many nodes as cores", []fleet.Fault{
			fleet.ManyContainers(manyContainers), fleet.ManyContainers(manyContainers),
		}, []string{scrapes("too_many")}},
		{"99,000 containers of one pod in texts and summaries", []fleet.Fault{
			fleet.ManyContainers(manyContainers), noText.Or(fleet.ManyContainers(manyContainers)),
			fleet.ManyContainers(almostTooMany), noText.Or(fleet.ManyContainers(almostTooMany)),
		}, []string{scrapes("too_many"), rejections("too_many")}},
		{"responses that grow in memory", []fleet.Fault{
			noText.Or(fleet.NullPods(1_500_000)), fleet.ManyLabels(6_000_000), fleet.LongLabel(10 << 20), fleet.ShortLines(4_000_000),
		}, []string{scrapes("too_many"), scrapes("syntax|empty|truncated|no_containers"), rejections("too_long")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := first(len(tt.faults))
			attack{name: tt.name, nodes: bad, counted: tt.counted, wage: func(ctx context.Context, _ *testing.T) error {
				return misbehave(ctx, bad, tt.faults)
			}}.run(t)
		})
	}
}

// scrapes counts scrapes by one of some results.
func scrapes(results string) string {
	return `^plimsoll_scrapes_total{cluster="",result="(` + results + `)"}`
}

// rejections counts rejected readings, by reason.
func rejections(reason string) string {
	return `^plimsoll_readings_rejected_total{cluster="",reason="` + reason + `"}`
}

// misbehave gives each node a fault until ctx ends.
func misbehave(ctx context.Context, bad []string, faults []fleet.Fault) (err error) {
	for i, node := range bad {
		if err := env.Fleet.SetFault(node, faults[i]); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, env.Fleet.ClearFault(node)) }()
	}
	<-ctx.Done()
	return nil
}
