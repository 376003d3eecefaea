package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// size is how large a cluster that is left running shall be.
type size struct{ nodes, pods int }

func (s *size) addFlags(cmd *cobra.Command) {
	cmd.Flags().IntVar(&s.nodes, "nodes", 5, "How many simulated nodes there are.")
	cmd.Flags().IntVar(&s.pods, "pods", 4, "How many pods run on each node.")
}

func (s *size) args() []string {
	return []string{fmt.Sprintf("--nodes=%d", s.nodes), fmt.Sprintf("--pods=%d", s.pods)}
}

func (s *size) validate() error {
	var errs []error
	if s.nodes < 1 || s.nodes > 5000 {
		errs = append(errs, fmt.Errorf("--nodes=%d: give between 1 and 5000", s.nodes))
	}
	if s.pods < 0 || s.pods > 110 {
		errs = append(errs, fmt.Errorf("--pods=%d: give between 0 and 110, what a node takes", s.pods))
	}
	return errors.Join(errs...)
}

func upCommand() *cobra.Command {
	var s size
	cmd := &cobra.Command{
		Use: "up", Short: "Leave a cluster with Plimsoll running", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(); err != nil {
				return err
			}
			return up(cmd.Context(), cmd.OutOrStdout(), s)
		},
	}
	s.addFlags(cmd)
	return cmd
}

func up(ctx context.Context, out io.Writer, s size) error {
	folder, err := newState()
	if err != nil {
		return err
	}
	if err := folder.free(); err != nil {
		return err
	}
	if _, err := parts.Ensure(ctx, out, parts.All()...); err != nil {
		return err
	}
	daemon, err := startDaemon(folder, s)
	if err != nil {
		return err
	}
	if err := follow(ctx, out, folder, daemon); err != nil {
		return err
	}
	fmt.Fprintf(out, `
The cluster is up; make down takes it down. Its kubeconfig is %[1]s. Try:

  export KUBECONFIG=%[1]s PATH=%[2]s:$PATH
  kubectl top nodes
  kubectl top pods -A --containers
  kubectl get --raw /apis/metrics.k8s.io/v1/nodes
`, folder.kubeconfig(), folder.dir)
	return nil
}

// startDaemon starts the process that runs the cluster. It outlives this one and the terminal.
func startDaemon(folder state, s size) (*exec.Cmd, error) {
	log, err := os.Create(folder.log())
	if err != nil {
		return nil, fmt.Errorf("make the log of the cluster: %w", err)
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, append([]string{"daemon"}, s.args()...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the process that runs the cluster: %w", err)
	}
	return cmd, nil
}

// follow prints the log of the daemon until the cluster is up. It fails where the daemon ends, and ends the daemon where ctx ends.
func follow(ctx context.Context, out io.Writer, folder state, daemon *exec.Cmd) error {
	log, err := os.Open(folder.log())
	if err != nil {
		return fmt.Errorf("open the log of the cluster: %w", err)
	}
	defer log.Close()
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	err = wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(context.Context) (bool, error) {
		if _, err := io.Copy(out, log); err != nil {
			return false, fmt.Errorf("read the log of the cluster: %w", err)
		}
		select {
		case err := <-ended:
			return false, fmt.Errorf("the cluster did not come up (%v): see %s", err, folder.log()) //nolint:errorlint // An exit status, possibly nil.
		default:
		}
		_, err := os.Stat(folder.kubeconfig())
		return err == nil, nil
	})
	if ctx.Err() != nil {
		err = errors.Join(err, daemon.Process.Signal(syscall.SIGTERM), <-ended)
	}
	return err
}
