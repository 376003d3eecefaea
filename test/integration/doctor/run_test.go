package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// report is what the tests read of the JSON.
type report struct {
	Kind          string
	SchemaVersion int
	Checks        []struct{ Name, State, Detail string }
	Findings      []finding
}

type finding struct {
	Code, Check, Cause, Cure string
	Objects, Details         []string
	Count                    int
}

// codes are those of the findings, in order.
func (r report) codes() (codes []string) {
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

func (r report) finding(code string) finding {
	i := slices.IndexFunc(r.Findings, func(f finding) bool { return f.Code == code })
	if i < 0 {
		return finding{}
	}
	return r.Findings[i]
}

// run runs doctor as a user does, and returns what it has written, and its exit code.
func run(ctx context.Context, kubeconfig string, args ...string) (out, complaint string, code int, err error) {
	cmd := exec.CommandContext(ctx, binary, append([]string{"doctor", "--kubeconfig=" + kubeconfig}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code, err = exit.ExitCode(), nil
	}
	return stdout.String(), stderr.String(), code, err
}

// diagnose runs doctor as the administrator, and returns its report.
func diagnose(ctx context.Context, args ...string) (r report, code int, err error) {
	out, complaint, code, err := run(ctx, env.AdminKubeconfig(), append(args, "--output=json")...)
	if err != nil {
		return r, code, err
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		return r, code, fmt.Errorf("exit code %d, %w: %s\n%s", code, err, out, complaint)
	}
	return r, code, nil
}

// within is how long a fault may take to be seen: usage is served for 20 seconds after the last scrape.
const within = 90 * time.Second

// awaitFinding waits until doctor reports a code for an object, and no codes but the others. It returns the finding.
func awaitFinding(t *testing.T, code, object string, others ...string) finding {
	t.Helper()
	return awaitFindingOf(t, nil, code, object, others...)
}

// awaitFindingOf is awaitFinding with arguments of doctor.
func awaitFindingOf(t *testing.T, args []string, code, object string, others ...string) (found finding) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		r, exit, err := diagnose(ctx, args...)
		if err != nil {
			return err
		}
		found = r.finding(code)
		if exit != 1 || !slices.Contains(found.Objects, object) || slices.ContainsFunc(r.codes(), func(got string) bool { return got != code && !slices.Contains(others, got) }) {
			return fmt.Errorf("want %s for %s and none but %q, got exit code %d and %+v", code, object, others, exit, r)
		}
		return nil
	})
	return found
}

// awaitHealthy waits until doctor finds nothing, in any of its checks.
func awaitHealthy(t *testing.T) {
	t.Helper()
	poll.Eventually(t, within, func(context.Context) error {
		r, exit, err := diagnose(context.WithoutCancel(t.Context()))
		if err != nil {
			return err
		}
		if exit != 0 || len(r.Findings) > 0 {
			return fmt.Errorf("exit code %d, %+v", exit, r)
		}
		return nil
	})
}
