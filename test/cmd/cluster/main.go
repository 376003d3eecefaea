// Command cluster starts environments of Plimsoll: the parts of a control plane, a cluster of simulated nodes, the demo, the benchmark.
// The Makefile calls it. What it does with a cluster is written in test/framework and test/bench, which know nothing of it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

func main() {
	// The log of the fleet's informers is discarded: failures are in the errors of this command.
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{Use: "cluster", Short: "A cluster on one machine, with Plimsoll in it", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(partsCommand(), enginesCommand(), clientsCommand(), demoCommand(), upCommand(), daemonCommand(), downCommand(), benchCommand(), checkCommand(), reportCommand())
	return root
}

func partsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "parts", Short: "Build the parts of the control plane that are not in the cache", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := parts.Ensure(cmd.Context(), cmd.OutOrStdout(), parts.All()...)
			return err
		},
	}
}

func enginesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "parts-engines", Short: "Build the engines that are not in the cache, one after the other, and name those that cannot be built", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return buildOptional(cmd, parts.Engines()) },
	}
}

func clientsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "parts-clients", Short: "Build the clients that are not in the cache, one after the other, and name those that cannot be built", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return buildOptional(cmd, parts.Clients()) },
	}
}

// buildOptional builds parts without which some tests do not run.
func buildOptional(cmd *cobra.Command, wanted []parts.Part) error {
	for _, p := range wanted {
		if _, err := parts.Ensure(cmd.Context(), cmd.OutOrStdout(), p); err != nil {
			fmt.Fprintf(cmd.OutOrStdout(), "NOT BUILT: %s, and the tests that need it will not run: %v\n", p, err)
		}
	}
	return cmd.Context().Err()
}

// withDir calls run with a temporary folder, in memory where the machine has a file system for that.
func withDir(run func(dir string) error) error {
	dir, err := os.MkdirTemp(memory(), "plimsoll-cluster-")
	if err != nil {
		return fmt.Errorf("make a folder for the cluster: %w", err)
	}
	defer os.RemoveAll(dir)
	return run(dir)
}

func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() && syscall.Access(shm, 2) == nil {
		return shm
	}
	return os.TempDir()
}
