package controlplane

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

func TestRunChoosesOtherPorts(t *testing.T) {
	tests := []struct {
		name, script string
		starts       int
		works        bool
	}{
		{"taken once", `[ -e second ] && echo up && exec sleep 600; touch second; echo "bind: address already in use"; exit 1`, 2, true},
		{"taken always", `echo "bind: address already in use"; exit 1`, attempts, false},
		{"another error", `echo "no such flag"; exit 1`, 1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			c := &ControlPlane{options: Options{
				Dir: dir, Log: io.Discard, StartTimeout: time.Minute, StopGrace: time.Second,
				Binaries: parts.Binaries{"thing": "/bin/sh"},
			}}
			var given []int
			_, err := c.run(t.Context(), program{
				part:  "thing",
				ports: 1,
				args: func(ports []int) []string {
					given = append(given, ports...)
					return []string{"-c", test.script}
				},
				ready: func([]int) func(context.Context) error { return written(filepath.Join(dir, "thing.log"), "up") },
			})
			if (err == nil) != test.works || len(given) != test.starts {
				t.Errorf("started %d times, want %d; error: %v", len(given), test.starts, err)
			}
			if err := c.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// written is ready as soon as a file holds a line.
func written(path, line string) func(context.Context) error {
	return func(context.Context) error {
		content, err := os.ReadFile(path)
		if err == nil && !strings.Contains(string(content), line) {
			err = errors.New("not yet")
		}
		return err
	}
}
