package process

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// failure says what happened to the program, with the end of what it wrote and where to read the rest.
func (p *Process) failure(what string, err error) error {
	return &Error{Program: p.name, What: what, Err: err, Log: p.log, Tail: tail(p.log)}
}

// Error is the end of a program that should have been running, or that a program did not become ready.
type Error struct {
	// Program is the name of the program; What is what happened to it.
	Program, What string
	// Err is the exit status, or why the wait was given up.
	Err error
	// Log is the path of everything that the program wrote, and Tail the end of it.
	Log, Tail string
}

// Error gives the cause, the place of the log and its last lines.
func (f *Error) Error() string {
	return fmt.Sprintf("%s %s: %v; the end of %s:\n%s", f.Program, f.What, f.Err, f.Log, f.Tail)
}

// Unwrap returns Err.
func (f *Error) Unwrap() error { return f.Err }

// PortTaken reports whether another process had bound the port between its choice and its use.
func (f *Error) PortTaken() bool { return strings.Contains(f.Tail, "address already in use") }

// tail returns the last lines of a file, as far as it can be read.
func tail(path string) string {
	const size, lines = 16 << 10, 15
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > size {
		_, _ = f.Seek(-size, io.SeekEnd)
	}
	content, _ := io.ReadAll(f)
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
