package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// state is the folder of the one cluster that may be left running, at a fixed path so that every command finds it. The daemon that runs
// the cluster holds a lock, so that a process id is never used after its process has ended.
type state struct{ dir string }

func newState() (state, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return state{}, fmt.Errorf("find a folder for the cluster's state (set HOME or XDG_CACHE_HOME): %w", err)
	}
	dir := filepath.Join(cache, "plimsoll", "up")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return state{}, fmt.Errorf("make a folder for the cluster's state: %w", err)
	}
	return state{dir}, nil
}

func (s state) log() string        { return filepath.Join(s.dir, "log") }
func (s state) kubeconfig() string { return filepath.Join(s.dir, "kubeconfig") }
func (s state) lockFile() string   { return filepath.Join(s.dir, "pid") }

// lock is called by the daemon, which holds the lock for as long as it runs.
func (s state) lock() (unlock func(), err error) {
	f, err := os.OpenFile(s.lockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the cluster: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("a cluster is up already, make down takes it down: %w", err), f.Close())
	}
	if err := os.WriteFile(s.lockFile(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock of the cluster: %w", err), f.Close())
	}
	return func() {
		_ = os.Remove(s.kubeconfig())
		_ = f.Close() // Ends the lock, whatever it returns.
	}, nil
}

// free fails where a cluster is up.
func (s state) free() error {
	pid, err := s.daemon()
	if err == nil && pid != 0 {
		err = fmt.Errorf("a cluster is up already (process %d): make down takes it down", pid)
	}
	return err
}

// daemon is the id of the process that runs the cluster; 0 where there is none.
func (s state) daemon() (int, error) {
	f, err := os.Open(s.lockFile())
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("open the lock of the cluster: %w", err)
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return 0, nil
	}
	text, err := os.ReadFile(s.lockFile())
	if err != nil {
		return 0, fmt.Errorf("read the lock of the cluster: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s has no process id: %w", s.lockFile(), err)
	}
	return pid, nil
}
