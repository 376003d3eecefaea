//go:build linux

// Package e2e tests Plimsoll on a real node: a kubelet with containerd and runc on this machine, with Plimsoll installed by
// kubectl apply -k as a user would, and pods whose load is known. It needs root; test/framework/realnode isolates the node.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// What the part that runs outside passes to the part inside: the folder for everything, and the cgroup for every pod.
const (
	dirVariable    = "PLIMSOLL_E2E_DIR"
	cgroupVariable = "PLIMSOLL_E2E_CGROUP"
)

const module = "github.com/plimsoll/plimsoll"

// programs are the programs in pods, by the name of the binary.
var programs = map[string]string{
	"plimsoll": module + "/cmd/plimsoll",
	"load":     module + "/test/e2e/load",
	"pause":    module + "/test/framework/realnode/pause",
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "end to end:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if handled, code, err := realnode.Init(); handled {
		return code, err
	}
	if realnode.Inside() {
		flag.Parse()
		// Tests of one node mostly wait: all of them may do so at once.
		if err := flag.Set("test.parallel", "16"); err != nil {
			return 1, err
		}
		return m.Run(), nil
	}
	if err := realnode.Check(); err != nil {
		return 1, err
	}
	return outside()
}

// outside prepares what needs the network, has the tests run in namespaces of their own, and sees that they leave the machine
// as it was.
func outside() (code int, err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	dir, err := os.MkdirTemp("", "plimsoll-e2e-")
	if err != nil {
		return 1, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := prepare(ctx, dir); err != nil {
		return 1, err
	}
	cgroup := fmt.Sprintf("/plimsoll-e2e-%d", os.Getpid())
	code, err = realnode.RunIsolated(ctx, dirVariable+"="+dir, cgroupVariable+"="+cgroup)
	return code, errors.Join(err, context.Cause(ctx), asBefore(dir, cgroup))
}

// asBefore wants nothing of the tests to be on the machine any more.
func asBefore(dir, cgroup string) error {
	found, err := realnode.Survey(cgroup)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(realnode.Surroundings{}, found.About(dir), cmpopts.EquateEmpty()); diff != "" {
		return errors.Join(fmt.Errorf("the machine is not as it was (-before +after):\n%s", diff), realnode.RemoveCgroup(cgroup))
	}
	return nil
}

// prepare builds the missing parts.
func prepare(ctx context.Context, dir string) error {
	if _, err := parts.Ensure(ctx, os.Stderr, slices.Concat(parts.All(), parts.Node(), parts.Suites())...); err != nil {
		return err
	}
	manifests, err := parts.PeerManifests(ctx)
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, peerManifests), os.DirFS(manifests)); err != nil {
		return fmt.Errorf("copy the manifests of metrics-server: %w", err)
	}
	for name, pkg := range programs {
		fmt.Fprintln(os.Stderr, "building", name)
		// The version is stamped as in an image: libraries report it as their own.
		stamp := "-s -w -X k8s.io/component-base/version.gitVersion=v0.0.0-e2e"
		if err := realnode.Build(ctx, pkg, filepath.Join(dir, name), stamp); err != nil {
			return err
		}
	}
	return nil
}
