package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// Alive reports whether the process with that id runs. One that has ended and whose parent has not read its exit status yet does not run.
func Alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil && strings.Contains(string(stat), ") Z ") {
		return false
	}
	return syscall.Kill(pid, 0) == nil
}
