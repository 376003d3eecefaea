//go:build linux

package realnode

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// checkPermissions tests the permissions that root may not have in a container: to make namespaces, mounts and cgroups.
func checkPermissions() error {
	cmd := exec.Command("mount", "-t", "tmpfs", "tmpfs", "/run")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("a real node needs namespaces and mounts of its own, which are denied here: run this on a machine, or in a privileged container: %w: %s", err, out)
	}
	cgroup := fmt.Sprintf("/plimsoll-check-%d", os.Getpid())
	if err := makeCgroup(cgroup); err != nil {
		_ = RemoveCgroup(cgroup) // An incomplete cgroup is removed; the error has the reason.
		return fmt.Errorf("a real node needs cgroups of its own, which are denied here: run this on a machine, or in a privileged container: %w", err)
	}
	return RemoveCgroup(cgroup)
}
