package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// startCycles is how many resolutions a server may take until it has all usage, on top of startLeast.
const (
	startCycles = 8
	startLeast  = 2 * time.Minute
)

// start waits for the first usage and for all of it, and notes the time since the process was started, and the CPU time and the most memory that it
// used until then. The CPU time is the server's own share of a start: how long the start takes, what else the machine has to do decides too.
func (s *subject) start(ctx context.Context) error {
	if err := s.await(ctx, s.first); err != nil {
		return err
	}
	s.result.Set(StartFirst, time.Since(s.began).Seconds())
	if err := s.await(ctx, s.allServed()); err != nil {
		return err
	}
	s.result.Set(StartAll, time.Since(s.began).Seconds())
	used, err := process.CPUTime(s.PID())
	if err != nil {
		return err
	}
	s.result.Set(StartCPU, used.Seconds())
	held, err := process.MemoryOf(s.PID())
	if err != nil {
		return err
	}
	s.result.Set(StartPeak, float64(held.Peak))
	return nil
}

// await polls until check succeeds, for a bounded time.
func (s *subject) await(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLeast+startCycles*s.options.Resolution)
	defer cancel()
	return s.WaitReady(ctx, check)
}

// first fails until some node has usage.
func (s *subject) first(ctx context.Context) error {
	nodes, err := s.count(ctx, allNodes)
	if err == nil && nodes == 0 {
		err = errors.New("no node has usage")
	}
	return err
}

// allServed returns a check that fails until every node and every pod has had usage. It requests the pods once the nodes are there, one
// namespace after the other, and for none again that had all: a server that is ready returns one full list.
func (s *subject) allServed() func(context.Context) error {
	left := s.cluster.Teams(s.options.Pods)
	return func(ctx context.Context) error {
		if err := s.has(ctx, allNodes, s.options.Nodes); err != nil {
			return err
		}
		for len(left) > 0 {
			if err := s.has(ctx, podsOf(left[0].Namespace), left[0].Pods); err != nil {
				return err
			}
			left = left[1:]
		}
		return nil
	}
}

// has fails until so many items of a list have usage.
func (s *subject) has(ctx context.Context, list call, want int) error {
	got, err := s.count(ctx, list)
	if err == nil && got < want {
		err = fmt.Errorf("%s: %d of %d have usage", list.path, got, want)
	}
	return err
}
