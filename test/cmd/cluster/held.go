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

// held is the place of the one cluster that may be left running, at a fixed place so that every command finds it. The
// process that holds the cluster holds a lock, so that a pid is never used after its process has ended.
type held struct{ dir string }

func newHeld() (held, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return held{}, fmt.Errorf("find a place for the cluster's state (set HOME or XDG_CACHE_HOME): %w", err)
	}
	dir := filepath.Join(cache, "plimsoll", "up")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return held{}, fmt.Errorf("make a place for the cluster's state: %w", err)
	}
	return held{dir}, nil
}

func (h held) log() string        { return filepath.Join(h.dir, "log") }
func (h held) kubeconfig() string { return filepath.Join(h.dir, "kubeconfig") }
func (h held) lockFile() string   { return filepath.Join(h.dir, "pid") }

// lock is held by the process of the cluster, for as long as it runs.
func (h held) lock() (unlock func(), err error) {
	f, err := os.OpenFile(h.lockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the cluster: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("a cluster is up already, make down takes it down: %w", err), f.Close())
	}
	if err := os.WriteFile(h.lockFile(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock of the cluster: %w", err), f.Close())
	}
	return func() {
		_ = os.Remove(h.kubeconfig())
		_ = f.Close() // Ends the lock, whatever it returns.
	}, nil
}

// free is an error where a cluster is up.
func (h held) free() error {
	pid, err := h.holder()
	if err == nil && pid != 0 {
		err = fmt.Errorf("a cluster is up already (process %d): make down takes it down", pid)
	}
	return err
}

// holder is the process that holds a cluster; 0 where there is none.
func (h held) holder() (int, error) {
	f, err := os.Open(h.lockFile())
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
	text, err := os.ReadFile(h.lockFile())
	if err != nil {
		return 0, fmt.Errorf("read the lock of the cluster: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s holds no process id: %w", h.lockFile(), err)
	}
	return pid, nil
}
