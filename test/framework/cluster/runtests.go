package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// Starter starts what all tests of a package share, in an existing folder, and returns a function that ends it. After an error nothing runs.
type Starter func(ctx context.Context, dir string) (stop func() error, err error)

// RunTests runs the tests of a package between start and its stop, and returns the exit code for TestMain. The start may take limit. The folder is
// removed at the end.
func RunTests(m *testing.M, limit time.Duration, start Starter) int {
	code, err := runTests(m, limit, start)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the test environment:", err)
		code = max(code, 1)
	}
	return code
}

func runTests(m *testing.M, limit time.Duration, start Starter) (code int, err error) {
	dir, err := os.MkdirTemp("", "plimsoll-test-")
	if err != nil {
		return 1, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	stop, err := start(ctx, dir)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return m.Run(), nil
}
