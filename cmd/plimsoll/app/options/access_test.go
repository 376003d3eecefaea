package options_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/source"
)

func TestRESTConfig(t *testing.T) {
	f := newFiles(t)
	got, err := options.RESTConfig(source.Access{Kubeconfig: f.kubeconfig("usual")})
	if err != nil {
		t.Fatal(err)
	}
	if got.Host != f.server || got.BearerToken != "usual" {
		t.Errorf("Host = %q, BearerToken = %q", got.Host, got.BearerToken)
	}
	if !strings.HasPrefix(got.UserAgent, "plimsoll/v") {
		t.Errorf("UserAgent = %q", got.UserAgent)
	}
	if got.ContentType != "application/json" || got.AcceptContentTypes != "application/vnd.kubernetes.protobuf,application/json" {
		t.Errorf("ContentType = %q, AcceptContentTypes = %q", got.ContentType, got.AcceptContentTypes)
	}
	if got.QPS != 50 || got.Burst != 100 {
		t.Errorf("QPS = %v, Burst = %d", got.QPS, got.Burst)
	}
}

func TestRESTConfigOfASource(t *testing.T) {
	f := newFiles(t)
	file := f.kubeconfig("own")
	tests := []struct {
		name   string
		access source.Access
		// host, token and insecure are what is used.
		host, token string
		insecure    bool
	}{
		{"kubeconfig", source.Access{Kubeconfig: file}, f.server, "own", true}, // as in the file
		{"address with a kubeconfig", source.Access{Kubeconfig: file, Server: "https://other:6443/path"}, "https://other:6443/path", "own", true},
		{"kubeconfig, not verified", source.Access{Kubeconfig: file, Insecure: true}, f.server, "own", true},
		{"address alone", source.Access{Server: "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", "", false},
		{"address, not verified", source.Access{Server: "https://h", Insecure: true}, "https://h", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := options.RESTConfig(tt.access)
			if err != nil {
				t.Fatal(err)
			}
			if got.Host != tt.host || got.BearerToken != tt.token || got.Insecure != tt.insecure {
				t.Errorf("host %q, token %q, insecure %t", got.Host, got.BearerToken, got.Insecure)
			}
			// The library refuses an authority together with no verification.
			if got.Insecure && (got.CAFile != "" || len(got.CAData) > 0) {
				t.Error("an authority is left")
			}
		})
	}
}

func TestRESTConfigErrorHasTheCure(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	plain := newFiles(t).write("plain.kubeconfig",
		"{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]}")
	for _, tc := range []struct {
		access source.Access
		want   string
	}{
		{source.Access{InCluster: true}, "elsewhere, give --kubeconfig"},
		{source.Access{Kubeconfig: "/nowhere"}, "kubeconfig /nowhere"},
		{source.Access{Kubeconfig: plain, UseServiceAccount: true}, "would go unencrypted to http://127.0.0.1:1"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			if _, err := options.RESTConfig(tc.access); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not contain %q", err, tc.want)
			}
		})
	}
}

// TestMistakesInSources wants every mistake of all sources, and of the files that they name, each with the source's name.
func TestMistakesInSources(t *testing.T) {
	f := newFiles(t)
	garbage := f.path("garbage")
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"none", []string{"--source=kubernetes?nodeSelector=a", "--source=kubernetes.summary_api"}, nil},
		{"in the language", []string{"--source=cadvisor", "--source=kubernetes?kubeletPort=0&nosuch=1"}, []string{
			`--source "cadvisor" has the unknown prefix "cadvisor"`, "kubeletPort", "nosuch",
		}},
		{"in the language and in a file", []string{"--source=kubernetes?kubeletPort=0", "--source=kubernetes?auth=/nowhere&cluster=west"},
			[]string{"kubeletPort", "auth=/nowhere: must be a kubeconfig"}},
		{"auth", []string{"--source=kubernetes?auth=" + garbage}, []string{`--source "kubernetes?auth=` + garbage + `": auth=` + garbage + ": must be a kubeconfig"}},
		{"authority", []string{"--source=kubernetes?kubeletCertificateAuthority=" + garbage}, []string{": kubeletCertificateAuthority=" + garbage + ": must be"}},
		{"client certificate", []string{"--source=kubernetes?kubeletClientCertificate=" + garbage + "&kubeletClientKey=/nowhere"},
			[]string{": kubeletClientCertificate=" + garbage + ", kubeletClientKey=/nowhere: must be"}},
		{"service account", []string{"--source=kubernetes:https://h?inClusterConfig=false&useServiceAccount=true"}, []string{"useServiceAccount=true: there is no token"}},
		{"a resolution above the maximum age", []string{"--max-age=2m", "--source=kubernetes?resolution=3m"}, []string{"resolution=3m0s must not be above --max-age=2m0s"}},
		{"no age at all", []string{"--max-age=0", "--source=kubernetes?resolution=3m"}, nil},
		{"flags' files are the flags' mistakes", []string{"--kubelet-certificate-authority=" + garbage}, []string{"--kubelet-certificate-authority=" + garbage + ": must be"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			errs := parse(t, append(f.usual(), tt.args...)...).Validate()
			if len(errs) != len(tt.want) {
				t.Errorf("%d mistakes, want %d: %v", len(errs), len(tt.want), errs)
			}
			for i, want := range tt.want[:min(len(tt.want), len(errs))] {
				if !strings.Contains(errs[i].Error(), want) {
					t.Errorf("mistake %d is %v, want %q", i, errs[i], want)
				}
			}
		})
	}
}

// TestWithoutAHomeCluster needs no way to a cluster of its own but the delegated ones.
func TestWithoutAHomeCluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	f := newFiles(t)
	file := f.kubeconfig("west")
	delegated := []string{"--authentication-kubeconfig=" + file, "--authorization-kubeconfig=" + file}
	for arg, mistakes := range map[string]int{"kubernetes?cluster=west&auth=" + file: 0, "kubernetes": 1} {
		if errs := parse(t, append(delegated, "--source="+arg)...).Validate(); len(errs) != mistakes {
			t.Errorf("--source=%s: %v", arg, errs)
		}
	}
}

func TestDefaultMaximumAge(t *testing.T) {
	config, err := parse(t, "--metric-resolution=15s").Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("1m0s", config.MaxAgeAt(config.Sources[0].Resolution).String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
