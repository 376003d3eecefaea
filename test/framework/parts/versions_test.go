package parts

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// Packages are compiled once for Plimsoll, the control plane and cert-manager where the versions of their modules, and of all that they import, are the
// same. One that differs far below costs a first build minutes.
func TestControlPlaneSharesPlimsollsVersions(t *testing.T) {
	share(t, "", "controlplane")
}

// cert-manager shares with the control plane what Plimsoll does not have too.
func TestCertManagerSharesTheControlPlanesVersions(t *testing.T) {
	share(t, "controlplane", "cert-manager")
}

// The descheduler has the control plane's versions of what it requires, in place of the older ones of its own go.mod.
func TestDeschedulerSharesTheControlPlanesVersions(t *testing.T) {
	share(t, "controlplane", "descheduler")
}

// share fails where modules of two folders require different versions of a module. The folder of the first is that of Plimsoll where it is empty.
func share(t *testing.T, first, second string) {
	t.Helper()
	folder, err := findFolder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder, first)
	if first == "" {
		dir = filepath.Join(folder, "..", "..", "..")
	}
	versions, shared := versionsIn(t, dir), 0
	for module, version := range versionsIn(t, filepath.Join(folder, second)) {
		if versions[module] == "" {
			continue
		}
		shared++
		if versions[module] != version {
			t.Errorf("%[1]s is %[2]s in %[4]s, and %[3]s in %[5]s: run go get %[1]s@<the newer one> in the folder of the older", module, versions[module], version, dir, second)
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
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range file.Require {
		versions[r.Path] = r.Version
	}
	for _, r := range file.Replace {
		if required := versions[r.Old.Path]; required != "" && (r.Old.Version == "" || r.Old.Version == required) {
			versions[r.Old.Path] = r.New.Version
		}
	}
	return versions
}
