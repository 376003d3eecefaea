package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryMistakeIsReported gives command lines with several mistakes: unknown flags, values that their flags do not accept, values that validation
// refuses, and arguments that the library's parser cannot read at all, of which it reports the first.
func TestEveryMistakeIsReported(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	const (
		duration = `invalid argument "abc" for "--metric-resolution" flag: time: invalid duration "abc"`
		port     = `invalid argument "x" for "--kubelet-port" flag: strconv.ParseInt: parsing "x": invalid syntax`
		timeout  = "--kubelet-request-timeout=-1s: must be above 0"
	)
	for name, tt := range map[string]struct{ args, want []string }{
		"three values": {
			[]string{"--metric-resolution=abc", "--kubelet-port=x", "--compress-answers=perhaps"},
			[]string{duration, port, `invalid argument "perhaps" for "--compress-answers" flag: strconv.ParseBool: parsing "perhaps": invalid syntax`},
		},
		"an unknown flag before three values": {
			[]string{"--nosuch", "--metric-resolution=abc", "--kubelet-port=x", "--kubelet-request-timeout=-1s"},
			[]string{"unknown flag: --nosuch", duration, port, timeout},
		},
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
		"the value of a flag that resembles a flag": {
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
		"several unknown flags": {
			[]string{"--nosuch", "--no_such=1", "--kubelet-port=x", "--nosuch", "--other", "value"},
			[]string{"unknown flag: --nosuch", "unknown flag: --no_such", "unknown flag: --other", port},
		},
		"one dash for two": {
			[]string{"-metric-resolution=15s", "-é", "--nosuch", "--kubelet-port=x"},
			[]string{"unknown shorthand flag: 'm' in -metric-resolution=15s", "unknown shorthand flag: 'Ã' in -é", "unknown flag: --nosuch", port},
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
			[]string{"--kubelet-port=x", "--nosuch", "--=x", "---"},
			[]string{"unknown flag: --nosuch", "bad flag syntax: --=x", port},
		},
		"a password in arguments that cannot be read": {
			[]string{"-source=kubernetes:https://user:p@ss@h", "--kubelet-port", "--source=kubernetes:https://user:p@ss@h"},
			[]string{
				"unknown shorthand flag: 's' in -source=kubernetes:https://REDACTED@h",
				`invalid argument "--source=kubernetes:https://REDACTED@h" for "--kubelet-port" flag: strconv.ParseInt: parsing "--source=kubernetes:https://REDACTED@h": invalid syntax`,
			},
		},
		"an argument that is not a flag": {
			[]string{"--kubelet-insecure-tls", "true", "--kubelet-port=x"},
			[]string{port, `"true" is not a flag: a flag that is true or false takes its value after an equals sign, other flags may`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := execute(t, mustNotRun, tt.args...)
			if err == nil {
				t.Fatal("the server was run")
			}
			want := slices.Concat([]string{"the command line cannot be used:"}, tt.want, []string{"see plimsoll --help"})
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
			if out != "" {
				t.Errorf("printed %q in addition to the error", out)
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
