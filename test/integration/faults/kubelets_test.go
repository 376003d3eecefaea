package faults

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// hostile is a way in which a kubelet attacks, and the series by which an operator recognizes it.
type hostile struct {
	name  string
	fault fleet.Fault
	// counted are patterns of series, of which each rises. Without any, the kubelet only does what another one does not: nothing is counted, and its own usage
	// has to stay as fresh as that of all others.
	counted []string
}

// most is how many kubelets attack at once in the short form.
const most = 5

// runKubelets has kubelets attack, several at once, on a node each, no two of which are counted alike, so that what is counted shows each of them. In the full
// form each attacks alone before, and there are as many at once as there are cores.
func runKubelets(t *testing.T, ways []hostile) {
	t.Helper()
	groups := grouped(ways, most)
	if isFull {
		together := slices.DeleteFunc(grouped(ways, runtime.NumCPU()), func(group []hostile) bool { return len(group) == 1 })
		groups = append(grouped(ways, 1), together...)
	}
	for _, group := range groups {
		names := make([]string, len(group))
		for i, way := range group {
			names[i] = way.name
		}
		name := strings.Join(names, "; ")
		t.Run(name, func(t *testing.T) { attackTogether(name, group).run(t) })
	}
}

// attackTogether is the attack of several kubelets, a node for each way.
func attackTogether(name string, ways []hostile) attack {
	chosen := attackers.take(len(ways))
	a := attack{name: name, table: kubeletsTable}
	faults := make([]fleet.Fault, len(ways))
	for i, way := range ways {
		faults[i] = way.fault
		if len(way.counted) > 0 {
			a.nodes = append(a.nodes, chosen[i])
		}
		for _, pattern := range way.counted {
			if !slices.Contains(a.counted, pattern) {
				a.counted = append(a.counted, pattern)
			}
		}
	}
	a.wage = func(ctx context.Context, _ *testing.T) error { return misbehave(ctx, chosen, faults) }
	return a
}

// grouped puts each way into the first group that has less than most, and none that is counted by the same series.
func grouped(ways []hostile, most int) (groups [][]hostile) {
	for _, way := range ways {
		shares := func(other hostile) bool {
			return slices.ContainsFunc(other.counted, func(pattern string) bool { return slices.Contains(way.counted, pattern) })
		}
		at := slices.IndexFunc(groups, func(group []hostile) bool { return len(group) < most && !slices.ContainsFunc(group, shares) })
		if at < 0 {
			groups = append(groups, []hostile{way})
			continue
		}
		groups[at] = append(groups[at], way)
	}
	return groups
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
