//go:build !linux

package process

import "syscall"

// childAttributes keep a terminal's interrupt away from the programs, which are stopped in order instead.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
