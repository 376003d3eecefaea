//go:build linux

package realnode

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSurveySeesThisProcess(t *testing.T) {
	s, err := Survey("/no-such-cgroup")
	if err != nil {
		t.Fatal(err)
	}
	self := fmt.Sprint(os.Getpid(), " ", os.Args[0])
	if !slices.ContainsFunc(s.Processes, func(line string) bool { return strings.HasPrefix(line, self) }) {
		t.Errorf("%q is not among %q", self, s.Processes)
	}
	if !slices.Contains(s.Mounts, "/") {
		t.Errorf("the root is not among %q", s.Mounts)
	}
	if !slices.ContainsFunc(s.Links, func(line string) bool { return strings.HasPrefix(line, "lo ") }) {
		t.Errorf("the loopback device is not among %q", s.Links)
	}
	if len(s.Cgroups) > 0 {
		t.Errorf("cgroups below one that is not there: %q", s.Cgroups)
	}
}

func TestAboutKeepsWhatNamesTheFolder(t *testing.T) {
	s := Surroundings{
		Processes: []string{"1 init", "7 containerd --config /tmp/x/c.toml"},
		Mounts:    []string{"/", "/tmp/x/rootfs"},
		Links:     []string{"lo"},
		Cgroups:   []string{"/sys/fs/cgroup/x"},
	}
	want := Surroundings{
		Processes: []string{"7 containerd --config /tmp/x/c.toml"},
		Mounts:    []string{"/tmp/x/rootfs"},
		Cgroups:   []string{"/sys/fs/cgroup/x"},
	}
	if diff := cmp.Diff(want, s.About("/tmp/x")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
