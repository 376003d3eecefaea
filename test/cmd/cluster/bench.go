package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plimsoll/plimsoll/test/bench"
)

func benchCommand() *cobra.Command {
	o, markdown := bench.Default(), false
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure Plimsoll and metrics-server alternately on the same cluster", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := (&size{nodes: o.Nodes, pods: o.Pods}).validate(); err != nil {
				return err
			}
			if o.Profiles != "" && !cmd.Flags().Changed("rounds") {
				o.Rounds = 1 // Each would write over those of the round before.
			}
			o.Log = cmd.ErrOrStderr()
			return withDir(func(dir string) error {
				o.Dir = dir
				return runBench(cmd.Context(), cmd.OutOrStdout(), o, markdown)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.Nodes, "nodes", o.Nodes, "How many simulated nodes there are.")
	flags.IntVar(&o.Pods, "pods", o.Pods, "How many pods run on each node.")
	flags.DurationVar(&o.Resolution, "resolution", o.Resolution, "How often both servers scrape each node.")
	flags.IntVar(&o.Rounds, "rounds", o.Rounds, "How often both servers are measured, alternately. Of several values the table shows the median; some steps are taken in the first round only.")
	flags.StringSliceVar(&o.Steps, "steps", nil, "The steps to take after the start, of "+strings.Join(bench.StepNames(), ", ")+". All if none is given.")
	flags.StringVar(&o.PeerBinary, "peer-binary", "", "The path of another Plimsoll, which takes the place of metrics-server: one of another version, for example.")
	flags.StringVar(&o.Profiles, "profiles", "", "A folder that exists, for the servers' profiles in the steady state and during each call. There is one round then, and figures are higher.")
	flags.IntVar(&o.Cycles, "cycles", o.Cycles, "For how many resolutions the steady state and the samples' age are watched.")
	flags.DurationVar(&o.Sustained, "sustained", o.Sustained, "For how long the autoscaler's call is repeated by all clients.")
	flags.IntVar(&o.Clients, "clients", o.Clients, "How many clients do that at once.")
	flags.IntVar(&o.Lists, "lists", o.Lists, "How many full lists are requested at once.")
	flags.IntVar(&o.Hung, "hung", o.Hung, "How many nodes hang while the age of the others' samples is watched.")
	flags.BoolVar(&markdown, "markdown", false, "Print the table as Markdown.")
	return cmd
}

// The kubelets live in this process, and collecting its garbage takes the cores that the servers need. So the heap grows more than usual until it
// is collected, as long as it is below the limit: a large cluster needs the machine's memory for other things. 5,000 kubelets were seen at 1.7 GiB.
const (
	garbagePercent = 300
	memoryLimit    = 4 << 30
)

// runBench prints the measured figures, also where some could not be measured.
func runBench(ctx context.Context, out io.Writer, o bench.Options, markdown bool) error {
	debug.SetGCPercent(garbagePercent)
	debug.SetMemoryLimit(memoryLimit)
	table, err := bench.Run(ctx, o)
	if table.Own == nil || table.Peer == nil {
		return err
	}
	fmt.Fprintf(o.Log, "%d nodes, %d pods on each, a resolution of %v\n", o.Nodes, o.Pods, o.Resolution)
	write := table.Write
	if markdown {
		write = table.WriteMarkdown
	}
	if writing := write(out); err == nil {
		err = writing
	}
	return err
}
