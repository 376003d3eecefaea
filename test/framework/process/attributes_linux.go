package process

import "syscall"

// childAttributes keep a terminal's interrupt away from the programs, which are stopped in order instead, and end them
// when their parent is killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
