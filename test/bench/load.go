package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// steady watches the server for some cycles that begin one cycle after it has all usage.
func (s *subject) steady(ctx context.Context) error {
	if err := pause(ctx, s.options.Resolution); err != nil {
		return err
	}
	s.cluster.Fleet.ResetTraffic()
	length := time.Duration(s.options.Cycles) * s.options.Resolution
	used, err := s.during(func() error {
		return s.profile(ctx, "steady state", func() error { return pause(ctx, length) })
	})
	if err != nil {
		return err
	}
	held, err := process.MemoryOf(s.PID())
	if err != nil {
		return err
	}
	scrapes := s.scrapes()
	fmt.Fprintf(s.options.Log, "%s: %d scrapes of %d nodes, %.3f cores\n", s.result.Server, scrapes, s.options.Nodes, used.cores())
	s.idle = used.cores()
	s.result.Set(CycleCPU, used.cycle(s.options.Nodes, scrapes))
	s.result.Set(Resident, float64(held.Resident))
	return nil
}

// scrapes is how often kubelets were scraped since the traffic was reset.
func (s *subject) scrapes() (n int) {
	for _, node := range s.cluster.Fleet.Nodes() {
		requests := s.cluster.Fleet.Traffic(node).Requests
		n += requests[fleet.PathResource] + requests[fleet.PathSummary]
	}
	return n
}

// fullLists requests full lists at once. Where the kernel does not reset the peak, that of the start counts too. Where some lists were
// not returned in time the peak is that until the server gave up.
func (s *subject) fullLists(ctx context.Context) error {
	if err := process.ResetPeak(s.PID()); err != nil {
		fmt.Fprintf(s.options.Log, "%s: the peak includes the start: %v\n", s.result.Server, err)
	}
	var g errgroup.Group // It ends no list because another failed.
	for range s.options.Lists {
		g.Go(func() error {
			_, err := allJSON.do(ctx, s.http, s.host)
			return err
		})
	}
	incomplete := g.Wait()
	if slow := net.Error(nil); incomplete != nil && (!errors.As(incomplete, &slow) || !slow.Timeout()) {
		return incomplete
	}
	held, err := process.MemoryOf(s.PID())
	if err != nil {
		return errors.Join(incomplete, err)
	}
	s.result.Set(Peak, float64(held.Peak))
	return incomplete
}

// calls makes each kind of call for one resolution: just one scrape of every node falls into that, however the server spreads it,
// and is subtracted.
func (s *subject) calls(ctx context.Context) error {
	for _, c := range calls() {
		fmt.Fprintf(s.options.Log, "%s: %s for %v\n", s.result.Server, c.name, s.options.Resolution)
		var took []time.Duration
		used, err := s.during(func() error {
			return s.profile(ctx, c.name, func() (err error) {
				took, err = s.repeat(ctx, c, s.options.Resolution)
				return err
			})
		})
		if err != nil {
			return err
		}
		s.result.Set(c.CPU(), used.each(len(took), s.idle))
		s.result.Set(c.Median(), quantile(took, 0.5).Seconds())
		s.result.Set(c.Tail(), quantile(took, 0.99).Seconds())
	}
	return nil
}

// repeat makes a call again and again, one at a time.
func (s *subject) repeat(ctx context.Context, c call, length time.Duration) (took []time.Duration, err error) {
	for begin := time.Now(); time.Since(begin) < length; {
		one, err := c.do(ctx, s.http, s.host)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	return took, nil
}

// sustain has several clients at once repeat the autoscaler's call.
func (s *subject) sustain(ctx context.Context) error {
	var responses atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	begin := time.Now()
	for range s.options.Clients {
		g.Go(func() error {
			took, err := s.repeat(ctx, autoscalers, s.options.Sustained)
			responses.Add(int64(len(took)))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	s.result.Set(Sustained, float64(responses.Load())/time.Since(begin).Seconds())
	return nil
}
