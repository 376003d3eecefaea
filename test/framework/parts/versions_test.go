package parts

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// Packages are compiled once for Plimsoll and for the control plane where the versions of their modules, and of all that they import, are the same. One
// that differs far below costs a first build minutes.
func TestControlPlaneSharesPlimsollsVersions(t *testing.T) {
	folder, err := findFolder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own := versionsIn(t, filepath.Join(folder, "..", "..", ".."))
	shared := 0
	for module, version := range versionsIn(t, filepath.Join(folder, "controlplane")) {
		if own[module] == "" {
			continue
		}
		shared++
		if own[module] != version {
			t.Errorf("Plimsoll has %[1]s %[2]s, the control plane %[3]s: run go get %[1]s@<the newer one> in the folder of the older", module, own[module], version)
		}
	}
	if shared < 50 {
		t.Errorf("only %d modules are shared", shared)
	}
}

func versionsIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	out, err := run(t.Context(), dir, "mod", "edit", "-json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range file.Require {
		versions[r.Path] = r.Version
	}
	return versions
}
