package encode_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// The length of a message stands before it in one byte up to 127, in two up to 16,383, in three up to 2,097,151.
func TestLengths(t *testing.T) {
	for _, around := range []struct {
		name     string
		from, to int
	}{
		{"one byte or two", 1<<7 - 64, 1<<7 + 8},
		{"two bytes or three", 1<<14 - 80, 1<<14 + 8},
		{"three bytes or four", 1<<21 - 64, 1<<21 + 8},
	} {
		step := 1
		if around.from > 1<<20 {
			step = 12 // Large texts take their time.
		}
		t.Run("labels of "+around.name, func(t *testing.T) {
			for n := around.from; n <= around.to; n += step {
				u := &usage.Pod{Time: time.Unix(1, 0), Window: 1, Containers: []usage.Container{{Name: "a"}}}
				comparePod(t, objectOf("n", "p", 1, map[string]string{"app": strings.Repeat("x", n), "zone": "z"}), u)
			}
		})
		t.Run("containers of "+around.name, func(t *testing.T) {
			for n := around.from; n <= around.to; n += step {
				u := &usage.Pod{Time: time.Unix(1, 0), Window: 1, Containers: []usage.Container{
					{Name: strings.Repeat("c", n), CPU: 1, Memory: 1}, {Name: "b", CPU: 2, Extra: diskAndSwap(0, 0, true, true)},
				}}
				comparePod(t, objectOf("n", "p", 1, nil), u)
			}
		})
	}
}

// TestManyContainers has a pod with more containers than anyone runs, and one with none.
func TestManyContainers(t *testing.T) {
	for _, count := range []int{0, 1, 300} {
		u := &usage.Pod{Time: time.Unix(1, 0), Window: 15 * time.Second, Containers: make([]usage.Container, count)}
		for i := range u.Containers {
			u.Containers[i] = usage.Container{Name: fmt.Sprintf("c%d", i), CPU: uint64(i), Memory: uint64(i) << 10}
		}
		comparePod(t, objectOf("n", "p", 1, map[string]string{}), u)
	}
}
