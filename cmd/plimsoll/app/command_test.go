package app_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
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

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(cli.Run(app.NewCommand(mustNotRun)))
	}
	goleak.VerifyTestMain(m)
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
	cmd.SetArgs(args)
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
		t.Errorf("--help (-%s +now); write it anew with -update:\n%s", golden, diff)
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
			if config == nil || config.Scrape.Resolution != 15*time.Second {
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
	// A binary with the race detector says so first; what counts stands after time and place.
	lines := stderr.String()
	if _, rest, ok := strings.Cut(lines, "Data race detection enabled\n"); ok {
		lines = rest
	}
	_, got, _ := strings.Cut(lines, "] ")
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

// TestUnreadableArguments gives command lines that cannot be parsed in more than one place, together with values that make no sense.
func TestUnreadableArguments(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	const (
		duration = `invalid argument "abc" for "--metric-resolution" flag: time: invalid duration "abc"`
		port     = `invalid argument "x" for "--kubelet-port" flag: strconv.ParseInt: parsing "x": invalid syntax`
		timeout  = "--kubelet-request-timeout=-1s: must be above 0"
	)
	for name, tt := range map[string]struct{ args, want []string }{
		"values and names": {
			[]string{"--metric-resolution=abc", "--nosuch", "--kubelet-port=x", "--kubelet-request-timeout=-1s"},
			[]string{"unknown flag: --nosuch", duration, port, timeout},
		},
		"values apart from their flags": {
			[]string{"--metric-resolution", "abc", "--kubelet-port", "x"},
			[]string{duration, port},
		},
		"an unknown flag with a value apart": {
			[]string{"--nosuch", "value", "--kubelet-request-timeout=-1s"},
			[]string{"unknown flag: --nosuch", timeout},
		},
		"the value of a flag that looks like one": {
			[]string{"--kubelet-client-certificate", "--nosuch", "--nosuch"},
			[]string{
				"unknown flag: --nosuch",
				"--kubelet-client-certificate=--nosuch: needs --kubelet-client-key too",
			},
		},
		"letters": {
			[]string{"-x", "-qv=2", "--kubelet-port=x"},
			[]string{"unknown shorthand flag: 'x' in -x", "unknown shorthand flag: 'q' in -qv=2", port},
		},
		"a value that is missing": {
			[]string{"--nosuch", "--kubelet-port"},
			[]string{"unknown flag: --nosuch", "flag needs an argument: --kubelet-port"},
		},
		"syntax": {
			[]string{"--=x", "---", "--kubelet-port=x"},
			[]string{"bad flag syntax: --=x", "bad flag syntax: ---", port},
		},
		"what is no flag": {
			[]string{"--kubelet-insecure-tls", "true", "--kubelet-port=x"},
			[]string{port, `"true" is not a flag: a flag that is on or off takes its value after an equals sign, others may`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := execute(t, mustNotRun, tt.args...)
			if err == nil {
				t.Fatal("it was run")
			}
			want := slices.Concat([]string{"the command line cannot be used:"}, tt.want, []string{"see plimsoll --help"})
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
			if out != "" {
				t.Errorf("printed %q beside the error", out)
			}
		})
	}
}

func TestHelpIsGivenWhateverElseIsWrong(t *testing.T) {
	got, err := execute(t, mustNotRun, "--nosuch", "-h", "--kubelet-port=x")
	if err != nil || !strings.Contains(got, "--kubelet-port int") {
		t.Errorf("error %v, printed %q", err, got)
	}
}
