package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		"a list, and the same flag twice": {
			[]string{`--kubelet-preferred-address-types=a"b`, "--kubelet-port=70000", "--kubelet-port=x"},
			[]string{
				`invalid argument "a\"b" for "--kubelet-preferred-address-types" flag: parse error on line 1, column 2: bare " in non-quoted-field`,
				port, "--kubelet-port=70000: must be from 1 to 65535",
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
