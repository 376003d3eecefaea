//go:build linux

package e2e

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// kernel has the readings of the cgroups of a pod's containers over time, since the start of each, by the container's id.
type kernel struct {
	node *realnode.Node
	pod  types.UID
	// want is how many cgroups the pod will have.
	want int

	mu       sync.Mutex
	found    map[string]realnode.Container
	readings map[string][]realnode.Reading
}

// observe reads a pod's cgroups ten times a second until the test ends. It has to begin before the containers do.
func (env *environment) observe(t *testing.T, pod *corev1.Pod) *kernel {
	t.Helper()
	// One more holds the pod's namespaces.
	k := &kernel{node: env.node, pod: pod.UID, want: len(pod.Spec.Containers) + 1, readings: map[string][]realnode.Reading{}}
	var running sync.WaitGroup
	running.Go(func() {
		wait.UntilWithContext(t.Context(), func(context.Context) { k.read() }, 100*time.Millisecond)
	})
	t.Cleanup(running.Wait)
	return k
}

// read skips containers that have just ended or not started yet: a later check reports them as missing.
func (k *kernel) read() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.found) < k.want {
		k.found, _ = k.node.Containers(k.pod)
	}
	for id, c := range k.found {
		if r, err := c.Read(); err == nil {
			k.readings[id] = append(k.readings[id], r)
		}
	}
}

var (
	// errTooEarly is about a window that is not over yet.
	errTooEarly = errors.New("the cgroup was not read after the end of the window")
	// errBeforeBirth is about a window that begins before the container does: a rate that is not of our making.
	errBeforeBirth = errors.New("the window begins before the container")
)

// between bounds a container's CPU rate in nanocores and its working set in bytes, over a window that ended at a time in whole
// seconds: any moment of the second that follows may be meant, and any count between two readings.
func (k *kernel) between(id string, end time.Time, window time.Duration) (cpu, memory span, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.readings[id]
	latest := end.Add(time.Second)
	if len(all) == 0 || all[len(all)-1].Time.Before(latest) {
		return cpu, memory, errTooEarly
	}
	if latest.Add(-window).Before(all[0].Time.Add(-startsApart)) {
		return cpu, memory, errBeforeBirth
	}
	for e := end; !e.After(latest); e = e.Add(50 * time.Millisecond) {
		begin, end := cpuAt(all, e.Add(-window)), cpuAt(all, e)
		cpu.include(max(0, end.least-begin.most) / window.Seconds())
		cpu.include((end.most - begin.least) / window.Seconds())
	}
	for _, r := range all {
		if !r.Time.Before(end.Add(-time.Second)) && !r.Time.After(latest) {
			memory.include(float64(r.WorkingSet))
		}
	}
	return cpu, memory, nil
}

// spans bounds a rate over each of several windows that end together, the first of which has to be known.
func (k *kernel) spans(id string, end time.Time, windows []time.Duration) (cpu []span, memory span, err error) {
	cpu = make([]span, len(windows))
	cpu[0], memory, err = k.between(id, end, windows[0])
	for i := 1; i < len(windows) && err == nil; i++ {
		cpu[i], _, err = k.between(id, end, windows[i])
	}
	return cpu, memory, err
}

// shortestWindow is less than the wait for a second scrape, which ends the shortest window that there is.
const shortestWindow = time.Second

// shorter are the windows that a container of a pod may have where another has the longest.
func shorter(longest time.Duration) (all []time.Duration) {
	for window := shortestWindow; window < longest; window += 100 * time.Millisecond {
		all = append(all, window)
	}
	return all
}

// youngest is when the last of the containers to begin was first read.
func (k *kernel) youngest() (began time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, all := range k.readings {
		if first := all[0].Time; first.After(began) {
			began = first
		}
	}
	return began
}

// cpuAt bounds the CPU that a container had used at a moment, in nanoseconds, by the readings around it.
func cpuAt(all []realnode.Reading, moment time.Time) span {
	i, _ := slices.BinarySearchFunc(all, moment, func(r realnode.Reading, m time.Time) int { return r.Time.Compare(m) })
	s := span{most: float64(all[min(i, len(all)-1)].CPU)}
	if i > 0 {
		s.least = float64(all[i-1].CPU)
	}
	return s
}

// span is the least and the most of something; nothing where both are 0.
type span struct{ least, most float64 }

func (s *span) include(v float64) {
	if *s == (span{}) {
		*s = span{v, v}
	}
	s.least, s.most = min(s.least, v), max(s.most, v)
}

// holds is true of a value that is no further away than the tolerance.
func (s span) holds(v, tolerance float64) bool {
	return v >= s.least*(1-tolerance) && v <= s.most*(1+tolerance)
}

// vague is true where the bounds are too far apart to judge a value.
func (s span) vague() bool { return s.most > 1.25*s.least }
