package parts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every part is a tool of its module, so that go mod tidy keeps what its build needs.
func TestModulesHoldTheParts(t *testing.T) {
	folder, err := findFolder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`^[a-z0-9-]+-v\d+\.\d+\.\d+-go\d\S+-[a-z0-9]+-[0-9a-f]{12}$`)
	for _, part := range slices.Concat(All(), Node(), Peer(), Suites(), []Part{CertManager}, Engines(), Clients()) {
		t.Run(string(part), func(t *testing.T) {
			if r, err := recipeOf(part); err == nil && (r.debian != "" || r.npm != "") {
				t.Skip("it is no module")
			}
			s, err := loadSource(t.Context(), folder, part)
			if err != nil {
				t.Fatal(err)
			}
			if !key.MatchString(s.key()) {
				t.Errorf("key %q is not of the form %s", s.key(), key)
			}
			out, err := run(t.Context(), s.dir, "mod", "edit", "-json")
			if err != nil {
				t.Fatal(err)
			}
			var file struct{ Tool []struct{ Path string } }
			if err := json.Unmarshal(out, &file); err != nil {
				t.Fatal(err)
			}
			if s.test || s.ownMain() {
				return // The module's own file, suite.go or main.go, keeps what it needs.
			}
			for _, tool := range file.Tool {
				if tool.Path == s.main {
					return
				}
			}
			t.Errorf("%s is no tool of %s: %v", s.main, s.dir, file.Tool)
		})
	}
}

func TestKeyFollowsTheModule(t *testing.T) {
	const mod, sum = "module test\n\ngo 1.26.0\n\nrequire sigs.k8s.io/kwok v0.8.0\n", "a sum\n"
	base := keyOf(t, mod, sum)
	tests := []struct {
		name, mod, sum string
		same           bool
	}{
		{"nothing changed", mod, sum, true},
		{"another version", strings.Replace(mod, "v0.8.0", "v0.8.1", 1), sum, false},
		{"another go.mod", mod + "\nrequire example.com/x v1.0.0\n", sum, false},
		{"another go.sum", mod, sum + "more\n", false},
		{"a line that moved from one file to the other", mod + "\n", sum[:len(sum)-1], false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := keyOf(t, test.mod, test.sum); (got == base) != test.same {
				t.Errorf("key %q, with the base %q", got, base)
			}
		})
	}
}

func TestLoadSourceErrors(t *testing.T) {
	folder := moduleFolder(t, "module test\n\ngo 1.26.0\n", "")
	tests := []struct {
		name string
		part Part
		want string
	}{
		{"an unknown part", "kube-proxy", `unknown part "kube-proxy"`},
		{"a module without the requirement", Kwok, "does not require sigs.k8s.io/kwok"},
		{"a folder that is not there", MetricsServer, "reading " + filepath.Join(folder, "metrics-server", "go.mod")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadSource(t.Context(), folder, test.part)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestLdflagsStampKubernetes(t *testing.T) {
	const variable = " -X k8s.io/component-base/version."
	tests := []struct {
		part    Part
		version string
		want    string
	}{
		{Etcd, "v3.7.3", "-s -w"},
		{Kubectl, "v1.37.2", "-s -w" + variable + "gitVersion=v1.37.2" + variable + "gitTreeState=clean" +
			variable + "gitMajor=1" + variable + "gitMinor=37"},
	}
	for _, test := range tests {
		t.Run(string(test.part), func(t *testing.T) {
			r, err := recipeOf(test.part)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, r.ldflags(test.version)); diff != "" {
				t.Errorf("flags (-want +got):\n%s", diff)
			}
		})
	}
}

func keyOf(t *testing.T, mod, sum string) string {
	t.Helper()
	s, err := loadSource(t.Context(), moduleFolder(t, mod, sum), Kwok)
	if err != nil {
		t.Fatal(err)
	}
	return s.key()
}

// moduleFolder is a folder with the control plane's module in it.
func moduleFolder(t *testing.T, mod, sum string) string {
	t.Helper()
	folder := t.TempDir()
	dir := filepath.Join(folder, "controlplane")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
