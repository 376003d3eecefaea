// Package manifests holds the objects that install Plimsoll on a cluster. It has no code: these tests pin what must not
// change by accident, above all who may do what.
package manifests

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// kustomization has the fields of a kustomization file that the tests use.
type kustomization struct {
	metav1.TypeMeta
	Resources []string
	Namespace string
	Images    []struct{ Name, NewTag string }
}

// read decodes one file into T. A field that T does not have is an error: the API server would drop it silently.
func read[T any](t *testing.T, path string) T {
	t.Helper()
	return decode[T](t, path, readFile(t, path))
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode[T any](t *testing.T, from string, data []byte) (out T) {
	t.Helper()
	if err := yaml.UnmarshalStrict(data, &out); err != nil {
		t.Fatalf("decoding %s: %v", from, err)
	}
	return out
}

// readKustomization is not strict, since it knows only a few of the fields.
func readKustomization(t *testing.T, path string) (k kustomization) {
	t.Helper()
	if err := yaml.Unmarshal(readFile(t, path), &k); err != nil {
		t.Fatalf("decoding %s: %v", path, err)
	}
	return k
}

// golden compares got with a file of testdata, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(readFile(t, path)), got); diff != "" {
		t.Errorf("%s differs (-want +got), run with -update if it should:\n%s", path, diff)
	}
}

func TestEveryFileIsUsedAndHoldsOneObject(t *testing.T) {
	directories, err := filepath.Glob("components/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(directories, "base") {
		t.Run(dir, func(t *testing.T) {
			want := slices.Clone(readKustomization(t, filepath.Join(dir, "kustomization.yaml")).Resources)
			slices.Sort(want)
			var got []string
			for _, path := range objectFiles(t, dir) {
				got = append(got, filepath.Base(path))
				if strings.Contains(string(readFile(t, path)), "\n---") {
					t.Errorf("%s holds more than one object", path)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("files and resources differ (-listed +present):\n%s", diff)
			}
		})
	}
}

// objectFiles returns every file of the directory but the kustomization, in order.
func objectFiles(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(paths, func(path string) bool { return filepath.Base(path) == "kustomization.yaml" })
}

// A namespace in the kustomization would move the RoleBinding out of kube-system, and the server could not authenticate.
func TestBaseDoesNotSetANamespace(t *testing.T) {
	if ns := readKustomization(t, "base/kustomization.yaml").Namespace; ns != "" {
		t.Errorf("base/kustomization.yaml sets namespace %q", ns)
	}
}

func TestAPIServices(t *testing.T) {
	priorities := map[string]int32{}
	for _, version := range []string{"v1", "v1beta1"} {
		got := read[apiregistrationv1.APIService](t, "base/apiservice-"+version+".yaml")
		priorities[version] = got.Spec.VersionPriority
		want := apiregistrationv1.APIServiceSpec{
			Service:              &apiregistrationv1.ServiceReference{Namespace: "plimsoll-system", Name: "plimsoll", Port: new(int32(443))},
			Group:                "metrics.k8s.io",
			Version:              version,
			GroupPriorityMinimum: 100,
			VersionPriority:      got.Spec.VersionPriority,
		}
		if diff := cmp.Diff(want, got.Spec); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
		if want := version + ".metrics.k8s.io"; got.Name != want {
			t.Errorf("name is %q, the API server accepts only %q", got.Name, want)
		}
	}
	if priorities["v1"] <= priorities["v1beta1"] {
		t.Errorf("v1 must be listed before v1beta1, but the priorities are %v", priorities)
	}
}

// TestVerificationIsNeverSkipped reads every file: an overlay, too, must not have the API server accept any certificate.
func TestVerificationIsNeverSkipped(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".yaml" && strings.Contains(string(readFile(t, path)), "insecureSkipTLSVerify") {
			t.Errorf("%s has insecureSkipTLSVerify", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
