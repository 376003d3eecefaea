//go:build linux

package realnode

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// cgroupMount is where every Linux distribution mounts the cgroup hierarchies.
const cgroupMount = "/sys/fs/cgroup"

// hierarchies are the folders that hold a tree of cgroups each: one for all controllers (version 2), or one for each of them
// (version 1).
func hierarchies() ([]string, error) {
	if unified() {
		return []string{cgroupMount}, nil
	}
	found, err := filepath.Glob(filepath.Join(cgroupMount, "*", "cgroup.procs"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("find the cgroup hierarchies below %s: %w", cgroupMount, errors.Join(err, fs.ErrNotExist))
	}
	var folders []string
	for _, file := range found {
		folders = append(folders, filepath.Dir(file))
	}
	return folders, nil
}

// unified is true where the machine uses version 2 of the cgroup interface alone.
func unified() bool {
	_, err := os.Stat(filepath.Join(cgroupMount, "cgroup.controllers"))
	return err == nil
}

// makeCgroup makes a cgroup in every hierarchy, as the kubelet expects of its root.
func makeCgroup(path string) error {
	folders, err := hierarchies()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(folder, path), 0o755); err != nil {
			return fmt.Errorf("make the cgroup of the pods: %w", err)
		}
	}
	if unified() {
		return passControllers(cgroupMount)
	}
	return nil
}

// passControllers lets the children of a cgroup of version 2 have every controller that it has itself.
func passControllers(folder string) error {
	content, err := os.ReadFile(filepath.Join(folder, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("list the controllers of a cgroup: %w", err)
	}
	var wanted []string
	for controller := range strings.FieldsSeq(string(content)) {
		wanted = append(wanted, "+"+controller)
	}
	if err := os.WriteFile(filepath.Join(folder, "cgroup.subtree_control"), []byte(strings.Join(wanted, " ")), 0); err != nil {
		return fmt.Errorf("pass controllers on to the cgroup of the pods: %w", err)
	}
	return nil
}

// RemoveCgroup removes a cgroup with all below it from every hierarchy. No process may live there any more; those that are
// ending are waited for, up to ten seconds.
func RemoveCgroup(path string) error {
	var last error
	err := wait.PollUntilContextTimeout(context.Background(), 100*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
		last = removeCgroup(path)
		return last == nil, nil
	})
	if err != nil {
		return last
	}
	return nil
}

func removeCgroup(path string) error {
	cgroups, err := cgroupsBelow(path)
	if err != nil {
		return err
	}
	var errs []error
	// The deepest come first: a cgroup with children cannot be removed.
	for _, folder := range slices.Backward(cgroups) {
		if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove a cgroup: %w", err))
		}
	}
	return errors.Join(errs...)
}

// cgroupsBelow are the folders of a cgroup and of all below it, parents first.
func cgroupsBelow(path string) ([]string, error) {
	folders, err := hierarchies()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(folder, path), func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // It went while this function read the others.
			case err != nil:
				return err
			case d.IsDir():
				found = append(found, name)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list the cgroups: %w", err)
		}
	}
	return found, nil
}
