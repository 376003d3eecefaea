package main

import (
	"context"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/wait"
)

func downCommand() *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "Take down what up left running", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return down(cmd.Context(), cmd.OutOrStdout()) },
	}
}

func down(ctx context.Context, out io.Writer) error {
	folder, err := newState()
	if err != nil {
		return err
	}
	pid, err := folder.daemon()
	if err != nil {
		return err
	}
	if pid == 0 {
		fmt.Fprintln(out, "no cluster is up")
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("signal process %d to take the cluster down: %w", pid, err)
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 2*time.Minute, true, func(context.Context) (bool, error) {
		left, err := folder.daemon()
		return left == 0, err
	})
	if err != nil {
		return fmt.Errorf("wait for process %d to take the cluster down, its log is %s: %w", pid, folder.log(), err)
	}
	fmt.Fprintln(out, "the cluster is down")
	return nil
}
