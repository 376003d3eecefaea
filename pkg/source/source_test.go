package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/source"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want source.Kind
		err  string
	}{
		{in: "kubernetes", want: source.Resource},
		{in: "kubernetes:", want: source.Resource},
		{in: "kubernetes:''", want: source.Resource},
		{in: `kubernetes:""`, want: source.Resource},
		{in: "kubernetes.summary_api", want: source.Summary},
		{in: "kubernetes.summary_api:", want: source.Summary},
		{in: "kubernetes.summary_api:''", want: source.Summary},

		{in: "", err: `source "" has no prefix; supported are`},
		{in: ":''", err: `source ":''" has no prefix; supported are`},
		{in: "?a=b", err: `source "?a=b" has no prefix; supported are`},
		{in: "Kubernetes", err: `source "Kubernetes" has the unknown prefix "Kubernetes"; supported are`},
		{in: "kubernetes.summary", err: `source "kubernetes.summary" has the unknown prefix "kubernetes.summary"; supported are`},
		{in: " kubernetes", err: `source " kubernetes" has the unknown prefix " kubernetes"; supported are`},
		{in: "https://10.0.0.1", err: `source "https://10.0.0.1" has the unknown prefix "https"; supported are`},
		{in: "kubernetes:https://10.0.0.1:6443", err: `source "kubernetes:https://10.0.0.1:6443": an address or options after "kubernetes" are not supported yet; supported are`},
		{in: "kubernetes:''?inClusterConfig=false", err: `an address or options after "kubernetes" are not supported yet`},
		{in: "kubernetes?kubeletPort=10250", err: `an address or options after "kubernetes" are not supported yet`},
		{in: "kubernetes.summary_api:?kubeletHttps=true", err: `an address or options after "kubernetes.summary_api" are not supported yet`},
		{in: "kubernetes:'", err: `an address or options after "kubernetes" are not supported yet`},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := source.Parse(tc.in)
			if tc.err != "" {
				checkError(t, err, tc.err, "kubernetes:''", "kubernetes.summary_api:''")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(source.Source{Kind: tc.want, Raw: tc.in}, got); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseAll(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   []string
		want []source.Source
		errs []string
	}{
		{name: "none is the resource endpoint", want: []source.Source{{Kind: source.Resource, Raw: "kubernetes"}}},
		{name: "one", in: []string{"kubernetes.summary_api:''"}, want: []source.Source{{Kind: source.Summary, Raw: "kubernetes.summary_api:''"}}},
		{name: "two", in: []string{"kubernetes", "kubernetes.summary_api"}, errs: []string{"only one source is supported yet, but 2 were given"}},
		{name: "every mistake", in: []string{"a", "kubernetes", "b:c"}, errs: []string{"but 3 were given", `unknown prefix "a"`, `unknown prefix "b"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := source.ParseAll(tc.in)
			if len(tc.errs) > 0 {
				checkError(t, err, tc.errs...)
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("ParseAll (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzParse checks that no value stops the process, and that what is accepted means what its prefix says.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"kubernetes", "kubernetes:''", "kubernetes.summary_api:", "kubernetes:https://a:1?b=c", ":", "?", "", "a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := source.Parse(s)
		if err != nil {
			if got != (source.Source{}) {
				t.Errorf("Parse(%q) returned %v beside an error", s, got)
			}
			return
		}
		if rest, ok := strings.CutPrefix(s, got.Kind.String()); !ok || strings.Trim(rest, `:'"`) != "" {
			t.Errorf("Parse(%q) = %v", s, got.Kind)
		}
	})
}

func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
}
