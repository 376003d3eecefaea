package app_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"k8s.io/component-base/cli"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

var update = flag.Bool("update", false, "write the golden files")

// asCommand makes the test binary the command itself, for what outlives a test: exit codes, output, unknown feature gates.
const asCommand = "TEST_AS_COMMAND"

// showsCompatibility is the value of asCommand with which the command prints whether it shows metrics for compatibility.
const showsCompatibility = "show compatibility"

func showCompatibility(ctx context.Context, o *options.Options) error {
	config, err := o.Config(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(os.Stdout, config.CompatibilityMetrics)
	return err
}

func TestMain(m *testing.M) {
	switch os.Getenv(asCommand) {
	case "":
	case showsCompatibility:
		os.Exit(cli.Run(app.NewCommand(showCompatibility)))
	default:
		os.Exit(cli.Run(app.NewCommand(mustNotRun)))
	}
	var ignored []goleak.Option
	for _, function := range certificateRotation {
		ignored = append(ignored, goleak.IgnoreAnyFunction(function))
	}
	goleak.VerifyTestMain(m, ignored...)
}

// certificateRotation is where the library follows the file of a client certificate, which it does until the process ends.
var certificateRotation = []string{
	"k8s.io/client-go/transport.(*dynamicClientCert).run",
	"k8s.io/client-go/transport.(*dynamicClientCert).runWorker",
	"k8s.io/client-go/util/workqueue.(*Typed[...]).updateUnfinishedWorkLoop",
	"k8s.io/client-go/util/workqueue.(*delayingType[...]).waitingLoop",
	"k8s.io/apimachinery/pkg/util/wait.PollImmediateUntil",
	"k8s.io/apimachinery/pkg/util/wait.PollImmediateUntilWithContext.poller.func1.1",
}

// execute runs the command as main does, with the given arguments, and returns what it printed.
func execute(t *testing.T, run func(context.Context, *options.Options) error, args ...string) (string, error) {
	t.Helper()
	defer func() {
		if err := logsapi.ResetForTest(nil); err != nil {
			t.Error(err)
		}
		klog.StopFlushDaemon()
	}()
	var out bytes.Buffer
	cmd := app.NewCommand(run)
	cmd.SetContext(t.Context())
	cmd.SetArgs(append([]string{}, args...)) // Without any, the library would take the test's own.
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cli.RunNoErrOutput(cmd)
	return out.String(), err
}

func mustNotRun(context.Context, *options.Options) error {
	return errors.New("run was called")
}

func TestHelp(t *testing.T) {
	got, err := execute(t, mustNotRun, "--help")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("..", "..", "..", "docs", "command-line-flags.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("--help (-%s +now); rewrite it with -update:\n%s", golden, diff)
	}
}

func TestVersion(t *testing.T) {
	got, err := execute(t, mustNotRun, "--version", "--kubelet-port=0")
	if err != nil {
		t.Fatal(err)
	}
	if want := version.Get().GitVersion + "\n"; got != want {
		t.Errorf("--version printed %q, want %q", got, want)
	}
}

// TestMetricsServerArgs starts with the arguments of metrics-server's manifests, unchanged.
func TestMetricsServerArgs(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	var config *options.Config
	run := func(ctx context.Context, o *options.Options) (err error) {
		config, err = o.Config(ctx)
		return err
	}
	args := []string{
		"--cert-dir=/tmp", "--secure-port=10250", "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
		"--kubelet-use-node-status-port", "--metric-resolution=15s",
	}
	for name, more := range map[string][]string{
		"as they are":      nil,
		"unverified":       {"--kubelet-insecure-tls"},
		"with underscores": {"--kubelet_request_timeout=5s"},
		"with logs":        {"-v=2", "--logging-format=json"},
	} {
		t.Run(name, func(t *testing.T) {
			config = nil
			if _, err := execute(t, run, slices.Concat(args, more)...); err != nil {
				t.Fatal(err)
			}
			if config == nil || config.Sources[0].Resolution != 15*time.Second {
				t.Errorf("the server was started with %+v", config)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0],
		"--max-age=soon", "--nosuch", "--kubelet-port=0", "--metric-resolution=1s", "--feature-gates=Nothing=true", "--tls-min-version=1.3", "--logging-format=xml")
	cmd.Env = []string{asCommand + "=1"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("the command ended with %v, want exit status 1", err)
	}
	want := []string{
		`"command failed" err=<`,
		"	the command line cannot be used:",
		"	unknown flag: --nosuch",
		`	invalid argument "soon" for "--max-age" flag: parse "soon" as a duration such as 90s: time: invalid duration "soon"`,
		"	--feature-gates, --emulated-version or --min-compatibility-version: unrecognized feature gate: Nothing",
		"	--kubeconfig, --authentication-kubeconfig, --authorization-kubeconfig: must be given outside a cluster (in a pod, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT would be set)",
		"	--metric-resolution=1s: must be at least 5s",
		"	--kubelet-port=0: must be from 1 to 65535",
		"	--tls-min-version=1.3: must be one of [VersionTLS10 VersionTLS11 VersionTLS12 VersionTLS13]",
		`	logging.format: Invalid value: "xml": Unsupported log format`,
		"	see plimsoll --help",
		" >",
		"",
	}
	// What precedes is the time and the line of code; a binary with the race detector prints a line of its own first.
	_, got, _ := strings.Cut(stderr.String(), " run.go:")
	_, got, _ = strings.Cut(got, "] ")
	if diff := cmp.Diff(want, strings.Split(got, "\n")); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestRunError(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	want := errors.New("of the server")
	out, err := execute(t, func(context.Context, *options.Options) error { return want })
	if !errors.Is(err, want) {
		t.Errorf("error = %v", err)
	}
	if out != "" {
		t.Errorf("printed %q: usage is for mistakes in the flags", out)
	}
}

// TestCalledByAnotherName has the flags work the same by every name that the binary may have in an image.
func TestCalledByAnotherName(t *testing.T) {
	printed := func(t *testing.T, name, flag string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), os.Args[0], flag)
		cmd.Args[0], cmd.Env = name, []string{asCommand + "=1"}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, flag := range []string{"--version", "--help"} {
		for _, name := range []string{"/metrics-server", "metrics-server"} {
			t.Run(name+" "+flag, func(t *testing.T) {
				if diff := cmp.Diff(printed(t, "/plimsoll", flag), printed(t, name, flag)); diff != "" {
					t.Errorf("as /plimsoll and as %s (-want +got):\n%s", name, diff)
				}
			})
		}
	}
}

// TestCompatibilityFollowsTheName has the metrics for compatibility where the command has metrics-server's name, unless a flag decides.
func TestCompatibilityFollowsTheName(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"/plimsoll", nil, "false"},
		{"/metrics-server", nil, "true"},
		{"metrics-server", nil, "true"},
		{"./bin/metrics-server", nil, "true"},
		{"/metrics-server/plimsoll", nil, "false"},
		{"/metrics-server", []string{"--compatibility-metrics=false"}, "false"},
		{"/plimsoll", []string{"--compatibility-metrics"}, "true"},
		{"/plimsoll", []string{"--compatibility-metrics=true"}, "true"},
	} {
		t.Run(strings.Join(append([]string{tt.name}, tt.args...), " "), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], tt.args...)
			cmd.Args[0] = tt.name
			cmd.Env = []string{asCommand + "=" + showsCompatibility, "KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443"}
			got, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("metrics for compatibility (-want +got):\n%s", diff)
			}
		})
	}
}
