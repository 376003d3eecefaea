package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// What FuzzFlags adds to each command line, and the mistakes that must be reported of it, whatever else there is.
var (
	planted  = []string{"--planted=1", "--kubelet-port=planted"}
	reported = []string{
		"unknown flag: --planted\n",
		`invalid argument "planted" for "--kubelet-port" flag: strconv.ParseInt: parsing "planted": invalid syntax` + "\n",
	}
)

const (
	// password is that of a URL, and token is in the file that flags name.
	password, token = "sWordf1sh-sWordf1sh", "t0ken-t0ken-t0ken"
	// fileName stands for the path of that file, tokenName in the file for the token.
	fileName, tokenName = "FILE", "TOKEN"
)

// FuzzFlags gives the command any arguments, one a line, and a file that they may name. No argument stops the process, each mistake is reported whatever
// the others are, and no message has a secret.
func FuzzFlags(f *testing.F) {
	f.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	f.Setenv("KUBERNETES_SERVICE_PORT", "443")
	for _, seed := range []struct{ args, file string }{
		{"--metric-resolution=abc\n--nosuch\n--kubelet-port\nx", ""},
		{"-metric-resolution=15s\n-é\n--=x\n---\n--\n-qv=2", ""},
		{"--source=kubernetes:https://h?kubeletPort=0\n--max-age=1s\n--extra-resources=swap,pressure", ""},
		{"--kubeconfig=FILE\n--authentication-kubeconfig=FILE", "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: TOKEN}}]\n"},
		{"--kubeconfig=FILE\n--source=kubernetes?auth=FILE", "users: [{name: u, user: {token: {a: TOKEN}}}]\nTOKEN"},
		{"--kubeconfig=FILE", "users: *TOKEN"}, {"--kubeconfig=FILE", "users: !!int TOKEN"}, {"--kubeconfig=FILE", "TOKEN: 1\nTOKEN: 2"},
		{"--kubelet-client-certificate=FILE\n--kubelet-client-key=FILE", "-----BEGIN PRIVATE KEY-----\nTOKEN\n-----END PRIVATE KEY-----\n"},
		{"--client-ca-file=FILE\n--tls-sni-cert-key=FILE,FILE:a\n--audit-policy-file=FILE", "-----BEGIN CERTIFICATE-----\nTOKEN"},
		{"--tls-cipher-suites=ROT13\n--tls-min-version=1.3\n--tls-curve-preferences=29,29\n--http2-max-streams-per-connection=-1", ""},
		{"--logging-format=xml\n--log-json-split-stream\n--vmodule=a=b\n-v=-1", ""},
		{"--serving-certificate-service=a/b/c\n--compatibility-metrics=maybe\n--kubelet-verify=node-name\n--kubelet-insecure-tls\ntrue", ""},
		{"--node-selector=a in (b\n--requestheader-group-headers=,\n--authorization-always-allow-paths=/a*b\n--goaway-chance=1", ""},
		{"--kubelet-insecure-tls\n", ""},
		{"--kubeconfig", ""},
		{"--sink=log\n--sink=kafka:x\n--sink\ninfluxdb:http://h?pw=a&b", ""},
	} {
		f.Add(seed.args, seed.file)
	}
	f.Fuzz(func(t *testing.T, lines, content string) {
		if strings.Contains(lines, "gates") || strings.Contains(lines, "/dev/") || strings.Contains(lines, "/proc/") {
			t.Skip("feature gates are of the process, and what is no file may have no end")
		}
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(content, tokenName, token)), 0o600); err != nil {
			t.Fatal(err)
		}
		args := strings.Split(strings.ReplaceAll(lines, fileName, file), "\n")
		secret := "--source=kubernetes:https://user:" + password + "@h?kubeletPort=0"
		checkCommandLine(t, args)
		checkCommandLine(t, append(args, secret))
		checkCommandLine(t, append(args, secret[1:]))
		secret = "--sink=influxdb:http://h?db=&pw=" + password
		checkCommandLine(t, append(args, secret))
		checkCommandLine(t, append(args, secret[1:]))
		checkCommandLine(t, append(args, secret[2:]))
	})
}

// checkCommandLine compares the mistakes of a command line with those of the same after what is planted.
func checkCommandLine(t *testing.T, args []string) {
	t.Helper()
	printed, err := execute(t, accept, args...)
	all, allErr := execute(t, accept, append(append([]string{}, planted...), args...)...)
	if printed != "" || all != "" {
		return // The help, or the version.
	}
	mistakes := messageOf(allErr)
	for _, text := range []string{messageOf(err), mistakes} {
		if strings.Contains(text, password) || strings.Contains(text, token) {
			t.Errorf("a secret is in the message about %q: %s", args, text)
		}
	}
	for _, line := range reported {
		if !strings.Contains(mistakes, line) {
			t.Errorf("%q is not reported beside %q: %s", line, args, mistakes)
		}
		mistakes = strings.Replace(mistakes, line, "", 1)
	}
	if err == nil {
		mistakes = strings.Replace(mistakes, "the command line cannot be used:\nsee plimsoll --help", "", 1)
	}
	if mistakes != messageOf(err) {
		t.Errorf("%q has the mistakes\n%s\nand these where there are others:\n%s", args, messageOf(err), mistakes)
	}
}

func accept(context.Context, *options.Options) error { return nil }

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
