package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// Run brings a cluster up, measures Plimsoll and metrics-server on it alternately, and takes the cluster down. Figures that could not be measured
// are missing from the table, and why is in the error.
func Run(ctx context.Context, o Options) (table Table, err error) {
	if err := o.Validate(); err != nil {
		return Table{}, err
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	b, err := cluster.Start(ctx, cluster.Options{Dir: o.Dir, Nodes: o.Nodes, WithoutServer: true, Log: o.Log})
	if err != nil {
		return Table{}, err
	}
	defer func() { err = errors.Join(err, b.Stop()) }()
	own, peer, err := contenders(ctx, b, o)
	if err != nil {
		return Table{}, err
	}
	if err := furnish(ctx, b, o); err != nil {
		return Table{}, err
	}
	if o.PeerBinary == "" {
		table.Goals = Goals(o.Nodes, o.pods())
	}
	table.Own, table.Peer, err = rounds(ctx, b, o, own, peer)
	return table, err
}

// rounds measures both alternately. Plimsoll comes first in the first round, where something of the cluster is warmer the second
// time and its peer has the gain, and then every other time.
func rounds(ctx context.Context, b *cluster.Cluster, o Options, own, peer cluster.Program) (_, _ *Result, err error) {
	type contender struct {
		program cluster.Program
		results []*Result
	}
	ours, theirs := &contender{program: own}, &contender{program: peer}
	order := []*contender{ours, theirs}
	var errs []error
	for round := range o.Rounds {
		if round > 0 && ctx.Err() != nil {
			break
		}
		fmt.Fprintf(o.Log, "round %d of %d\n", round+1, o.Rounds)
		for _, c := range order {
			result, err := measure(ctx, b, o, c.program, round)
			c.results = append(c.results, result)
			if err != nil {
				errs = append(errs, fmt.Errorf("round %d: %w", round+1, err))
			}
		}
		slices.Reverse(order)
	}
	return median(ours.results), median(theirs.results), errors.Join(errs...)
}

// furnish fills the cluster, and lets it come to rest.
func furnish(ctx context.Context, b *cluster.Cluster, o Options) error {
	fmt.Fprintf(o.Log, "creating %d pods\n", o.pods())
	if err := b.Populate(ctx, o.Pods); err != nil {
		return err
	}
	if err := greet(ctx, b); err != nil {
		return err
	}
	return pause(ctx, o.Resolution)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
