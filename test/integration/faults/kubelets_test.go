package faults

import (
	"context"
	"errors"
	"fmt"
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
	// counted are patterns of series, of which each rises.
	counted []string
}

// most is how many kubelets attack at once in the short form.
const most = 5

// runKubelets has kubelets attack. In the short form several do at once, on a node each, no two of which are counted alike, so that what is counted
// shows each of them. In the full form one kubelet attacks, and then as many as there are cores do so in the same way.
func runKubelets(t *testing.T, ways []hostile) {
	if isFull {
		for _, way := range ways {
			for _, n := range []int{1, runtime.NumCPU()} {
				name := way.name
				if n > 1 {
					name = fmt.Sprintf("%s, on %d nodes", name, n)
				}
				t.Run(name, func(t *testing.T) { attackTogether(name, slices.Repeat([]hostile{way}, n)).run(t) })
			}
		}
		return
	}
	for _, group := range grouped(ways, most) {
		names := make([]string, len(group))
		for i, way := range group {
			names[i] = way.name
		}
		t.Run(strings.Join(names, "; "), func(t *testing.T) { attackTogether(strings.Join(names, "; "), group).run(t) })
	}
}

// attackTogether is the attack of several kubelets, a node for each way.
func attackTogether(name string, ways []hostile) attack {
	a := attack{name: name, table: "kubelets", nodes: first(len(ways))}
	faults := make([]fleet.Fault, len(ways))
	for i, way := range ways {
		faults[i] = way.fault
		for _, pattern := range way.counted {
			if !slices.Contains(a.counted, pattern) {
				a.counted = append(a.counted, pattern)
			}
		}
	}
	a.wage = func(ctx context.Context, _ *testing.T) error { return misbehave(ctx, a.nodes, faults) }
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
