package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// startCycles is how many resolutions a server may take until it has all numbers, on top of startLeast.
const (
	startCycles = 8
	startLeast  = 2 * time.Minute
)

// start waits for the first numbers and for all of them, and notes the time since the process was started.
func (s *subject) start(ctx context.Context) error {
	if err := s.await(ctx, s.first); err != nil {
		return err
	}
	s.result.Set(StartFirst, time.Since(s.began).Seconds())
	if err := s.await(ctx, s.whole); err != nil {
		return err
	}
	s.result.Set(StartAll, time.Since(s.began).Seconds())
	return nil
}

// await polls until check succeeds, for a bounded time.
func (s *subject) await(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLeast+startCycles*s.options.Resolution)
	defer cancel()
	return s.WaitReady(ctx, check)
}

// first is an error until some node has numbers.
func (s *subject) first(ctx context.Context) error {
	nodes, err := s.count(ctx, allNodes)
	if err == nil && nodes == 0 {
		err = errors.New("no node has numbers")
	}
	return err
}

// whole is an error until every node and every pod has numbers. It asks for the pods once the nodes are there, so that asking does
// not slow the start.
func (s *subject) whole(ctx context.Context) error {
	got, err := s.count(ctx, allNodes)
	if err != nil {
		return err
	}
	if want := s.options.Nodes; got < want {
		return fmt.Errorf("%d of %d nodes have numbers", got, want)
	}
	got, err = s.count(ctx, allJSON)
	if want := s.options.pods(); err == nil && got < want {
		err = fmt.Errorf("%d of %d pods have numbers", got, want)
	}
	return err
}

// count is how many items of a list have numbers, by what each of them has once: making objects of them would take seconds from the cores
// that the server works on. The library's client would do that, and wait for a second or more wherever a server says that it is busy.
func (s *subject) count(ctx context.Context, list call) (int, error) {
	answer, err := list.read(ctx, s.http, s.host)
	if err != nil {
		return 0, fmt.Errorf("count what has numbers: %w", err)
	}
	return bytes.Count(answer, []byte(`"window":`)), nil
}
