package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

func daemonCommand() *cobra.Command {
	var s size
	cmd := &cobra.Command{
		Use: "daemon", Short: "Run a cluster until this process is ended; up starts it", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := newState()
			if err != nil {
				return err
			}
			unlock, err := folder.lock()
			if err != nil {
				return err
			}
			defer unlock()
			return withDir(func(dir string) error { return runDaemon(cmd.Context(), cmd.OutOrStdout(), folder, dir, s) })
		},
	}
	s.addFlags(cmd)
	return cmd
}

func runDaemon(ctx context.Context, out io.Writer, folder state, dir string, s size) (err error) {
	b, err := cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: s.nodes, Log: out})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Stop()) }()
	fmt.Fprintf(out, "creating %d pods\n", s.nodes*s.pods)
	if err := b.Populate(ctx, s.pods); err != nil {
		return err
	}
	fmt.Fprintln(out, "waiting for their usage")
	if err := b.WaitServed(ctx, s.nodes*s.pods); err != nil {
		return err
	}
	if err := publish(folder, b); err != nil {
		return err
	}
	return b.Wait(ctx)
}

// publish writes the files by which other commands find the cluster: the kubeconfig last, and complete.
func publish(folder state, b *cluster.Cluster) error {
	kubectl := filepath.Join(folder.dir, "kubectl")
	_ = os.Remove(kubectl)
	if err := os.Symlink(b.Kubectl(), kubectl); err != nil {
		return fmt.Errorf("put kubectl into the folder of the kubeconfig: %w", err)
	}
	text, err := os.ReadFile(b.AdminKubeconfig())
	if err != nil {
		return fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	partial := folder.kubeconfig() + ".partial"
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	if err := os.Rename(partial, folder.kubeconfig()); err != nil {
		return fmt.Errorf("publish the kubeconfig: %w", err)
	}
	return nil
}
