package realnode

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// cniFolder is where Debian's containernetworking-plugins has its programs.
const cniFolder = "/usr/lib/cni"

// requirements are what a machine needs in addition to the parts that are built, and the Debian packages that have it.
var requirements = []struct {
	program, pkg string
}{
	{"runc", "runc"},
	{"ip", "iproute2"},
	{"mount", "mount"},
	{filepath.Join(cniFolder, "bridge"), "containernetworking-plugins"},
	{filepath.Join(cniFolder, "host-local"), "containernetworking-plugins"},
}

// Check reports whether a node can run on this machine. The error lists everything that is missing, and how to install it.
func Check() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("a real node needs Linux, and this is %s", runtime.GOOS)
	}
	var errs []error
	if os.Geteuid() != 0 {
		errs = append(errs, errors.New("a real node needs root: run this as root, or with sudo"))
	}
	var missing, packages []string
	for _, r := range requirements {
		if _, err := exec.LookPath(r.program); err == nil {
			continue
		}
		missing = append(missing, r.program)
		if len(packages) == 0 || packages[len(packages)-1] != r.pkg {
			packages = append(packages, r.pkg)
		}
	}
	if len(missing) > 0 {
		errs = append(errs, fmt.Errorf("a real node needs %s: install with\n  apt-get install -y --no-install-recommends %s",
			strings.Join(missing, ", "), strings.Join(packages, " ")))
	}
	if len(errs) == 0 {
		return checkPermissions()
	}
	return errors.Join(errs...)
}
