//go:build linux

package realnode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestField(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "memory.stat"), []byte("cache 12\ntotal_inactive_file 4096\ninactive_file 5\nodd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		key, problem string
		want         uint64
	}{
		{key: "inactive_file", want: 5},
		{key: "total_inactive_file", want: 4096},
		{key: "inactive", problem: "has no inactive"},
		{key: "odd", problem: "invalid syntax"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			got, err := field(dir, "memory.stat", test.key)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("error %v, want %q", err, test.problem)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %d, %v, want %d", got, err, test.want)
			}
		})
	}
}

func TestUnescape(t *testing.T) {
	for escaped, want := range map[string]string{
		"/run": "/run", `/a\040b\134c`: `/a b\c`, `/end\04`: `/end\04`, `/not\999`: `/not\999`,
	} {
		if got := unescape(escaped); got != want {
			t.Errorf("unescape(%q) = %q, want %q", escaped, got, want)
		}
	}
}

func TestPassControllers(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cgroup.controllers"), []byte("cpuset cpu memory pids\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := passControllers(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
	if err != nil || string(got) != "+cpuset +cpu +memory +pids" {
		t.Errorf("passed %q, %v", got, err)
	}
	if err := passControllers(t.TempDir()); err == nil {
		t.Error("no error for a folder that is no cgroup")
	}
}
