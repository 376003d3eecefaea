package doctor

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlugin has kubectl find a link to the program.
func TestPlugin(t *testing.T) {
	awaitHealthy(t)
	folder := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(folder, "kubectl-plimsoll")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), env.Kubectl(), "plimsoll", "doctor", "--kubeconfig="+env.AdminKubeconfig())
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "\nNo findings.\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
