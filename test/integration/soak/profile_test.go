package soak

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// profile is how many goroutines there are of each function that begins one.
type profile map[string]int

var (
	stackHead  = regexp.MustCompile(`^(\d+) @ `)
	stackFrame = regexp.MustCompile(`^#\t0x[0-9a-f]+\t(\S+?)\+0x`)
)

// goroutineProfile requests the stacks of all goroutines.
func goroutineProfile(ctx context.Context) (profile, error) {
	config, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		return nil, err
	}
	text, err := cluster.Fetch(ctx, config, "/debug/pprof/goroutine?debug=1")
	if err != nil {
		return nil, err
	}
	p, count, begin := profile{}, 0, ""
	for line := range strings.Lines(text + "\n") {
		if head := stackHead.FindStringSubmatch(line); head != nil {
			count, _ = strconv.Atoi(head[1])
		} else if frame := stackFrame.FindStringSubmatch(line); frame != nil {
			begin = frame[1]
		} else if strings.TrimSpace(line) == "" && begin != "" {
			p[begin] += count
			begin = ""
		}
	}
	return p, nil
}

// since are the functions of which there are more goroutines than before.
func (p profile) since(before profile) string {
	var more []string
	for function, n := range p {
		if n > before[function] {
			more = append(more, fmt.Sprintf("%s: %d, was %d", function, n, before[function]))
		}
	}
	slices.Sort(more)
	return strings.Join(more, "\n")
}
