package parts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// run returns the output of a go command. Its error has the last lines of stderr.
func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	var out, complaints bytes.Buffer
	err := goCommand(ctx, dir, &out, &complaints, args...)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, lastLines(complaints.String(), 10))
	}
	return out.Bytes(), nil
}

// goCommand runs a go command in a folder until it ends.
func goCommand(ctx context.Context, dir string, stdout, stderr io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, stderr
	// A workspace file above the checkout, or a cross-compilation, must not change what is built.
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOS=", "GOARCH=")
	// An interrupted go command ends its compilers first; a killed one leaves them running.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", args[0], err)
	}
	return nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
