package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

var errTargetDown = errors.New("the engine's last scrape of the node's kubelet failed")

const (
	// maxSpread is how far apart the readings of one response of a kubelet may be, in milliseconds. What is older than the newest by more was not
	// in the newest response.
	maxSpread = int64(45 * time.Second / time.Millisecond)
	// idleAfter is from when on a counter that stands still is a new reading, where only the times of scrapes are known, in milliseconds: kubelets
	// read their containers every 10 to 20 seconds.
	idleAfter = int64(30 * time.Second / time.Millisecond)
	// earlierLeast and earlierMost bound how much older the earlier reading is that gives the first rate, in milliseconds: the store computes no rate
	// over a shorter time, and takes a longer one for a clock that was set forward.
	earlierLeast = int64(4 * time.Second / time.Millisecond)
	earlierMost  = int64(28 * time.Second / time.Millisecond)
)

// nodeResponse is what a response has of one node.
type nodeResponse struct {
	*seriesCopy
	// scrapes are the times of the engine's scrapes of the target, in milliseconds; empty where they are not known.
	scrapes []int64
	// newest is the time of the newest CPU sample, in milliseconds.
	newest int64
	// stamped is true where samples have the kubelet's times, and false where they have those of the scrapes or may have.
	stamped bool
	// starts are the newest start times of the subjects, in seconds.
	starts map[subject]float64
}

// newNodeResponse finds out which times the samples of a copy have.
func newNodeResponse(c *seriesCopy, up []point) (nodeResponse, error) {
	a := nodeResponse{seriesCopy: c}
	_, a.newest = c.bounds()
	for _, p := range up {
		if p.value != 0 {
			a.scrapes = append(a.scrapes, p.time)
		}
	}
	if len(up) > 0 && up[len(up)-1].value == 0 {
		return a, errTargetDown
	}
	a.stamped = a.hasOwnTimes()
	return a, nil
}

// addStarts gives each subject of which the response has no start time the one that was known before.
func (a *nodeResponse) addStarts(known map[subject]float64) {
	a.starts = make(map[subject]float64, len(a.subjects))
	for s, p := range a.subjects {
		if n := len(p[startMetric]); n > 0 {
			a.starts[s] = p[startMetric][n-1].value
		} else if start, ok := known[s]; ok {
			a.starts[s], p[startMetric] = start, []point{{a.newest, start}}
		}
	}
}

// hasOwnTimes is true where a sample has another time than each scrape. Where the times of scrapes are not known, it is true where readings
// have different times: those of one scrape are equal.
func (a *nodeResponse) hasOwnTimes() bool {
	expected := a.scrapes
	for _, p := range a.subjects {
		for _, kind := range []metricKind{cpuMetric, memoryMetric} {
			switch points := p[kind]; {
			case len(points) == 0:
			case len(expected) == 0:
				expected = []int64{points[len(points)-1].time}
			case !slices.Contains(expected, points[len(points)-1].time):
				return true
			}
		}
	}
	return false
}

// samples returns what the response has of the node. Where the node is new there is an earlier sample too, nil otherwise, which gives the first rates.
func (a *nodeResponse) samples(isNew bool) (earlier, newest *sample.Node) {
	newest = a.sample(a.newestReading)
	if isNew {
		earlier = a.sample(a.earlierReading)
		if len(earlier.Pods) == 0 && !earlier.CPU.Known {
			earlier = nil
		}
	}
	return earlier, newest
}

// choosePoint returns the sample of a series to use. False means that the newest response of the kubelet did not have the series.
type choosePoint func(kind metricKind, points []point) (point, bool)

func (a *nodeResponse) newestReading(kind metricKind, points []point) (point, bool) {
	last := points[len(points)-1]
	switch {
	case a.stamped:
		return last, last.time >= a.newest-maxSpread
	case last.time < a.newest && kind != startMetric:
		return last, false
	case kind == cpuMetric:
		return firstOfValue(points), true
	}
	return last, true
}

// firstOfValue returns the first sample that has the last value: the kubelet had made the reading by then, and what came after repeats it. A counter that
// has not moved for longer than kubelets take from one reading to the next was read again: the container uses nothing.
func firstOfValue(points []point) point {
	return read(points[startOfValue(points)], points[len(points)-1])
}

// startOfValue is the index of the first sample that has the last value.
func startOfValue(points []point) int {
	i := len(points) - 1
	for i > 0 && points[i-1].value == points[len(points)-1].value {
		i--
	}
	return i
}

// read is the reading of the last of several samples of one value.
func read(first, last point) point {
	if last.time-first.time >= idleAfter {
		return last
	}
	return first
}

// earlierReading returns the newest reading that is old enough for a rate from it to the newest one.
func (a *nodeResponse) earlierReading(kind metricKind, points []point) (point, bool) {
	newest, ok := a.newestReading(kind, points)
	if !ok {
		return point{}, false
	}
	start := len(points) // of the samples that have the value of the one at i
	for i, p := range slices.Backward(points) {
		if kind == cpuMetric && !a.stamped && p.value != newest.value {
			if i < start {
				start = startOfValue(points[:i+1])
			}
			p = read(points[start], p)
		}
		if age := newest.time - p.time; age >= earlierLeast {
			return p, age <= earlierMost
		}
	}
	return point{}, false
}

// sample makes a sample of the points that are chosen.
func (a *nodeResponse) sample(choose choosePoint) *sample.Node {
	n := &sample.Node{}
	if self := a.subjects[subject{}]; self != nil {
		n.Usage = usageOf(self, choose, &n.Rejected)
	}
	pods := map[[2]string]int{}
	for _, s := range a.containers {
		u := usageOf(a.subjects[s], choose, &n.Rejected)
		if !u.CPU.Known && !u.Memory.Known && u.CPU.Rejected == sample.NotRejected && u.Memory.Rejected == sample.NotRejected {
			continue // It was not in the kubelet's newest response.
		}
		at, known := pods[[2]string{s.namespace, s.pod}]
		if !known {
			at = len(n.Pods)
			pods[[2]string{s.namespace, s.pod}] = at
			n.Pods = append(n.Pods, sample.Pod{Namespace: s.namespace, Name: s.pod})
		}
		addContainer(&n.Pods[at], s.container, u, &n.Rejected)
	}
	return n
}

// maxContainers bounds the containers of one pod.
const maxContainers = 512

// addContainer adds a container to a pod. Of two instances, which cAdvisor has after a restart, the newest is kept.
func addContainer(p *sample.Pod, name string, u sample.Usage, rejected *sample.Rejections) {
	i := slices.IndexFunc(p.Containers, func(c sample.Container) bool { return c.Name == name })
	switch {
	case i < 0 && len(p.Containers) >= maxContainers:
		rejected.Add(sample.TooMany)
		return
	case i < 0:
		p.Containers = append(p.Containers, sample.Container{Name: name, Usage: u})
		return
	}
	rejected.Add(sample.OlderInstance)
	if c := &p.Containers[i]; u.Start > c.Start || u.Start == c.Start && u.CPU.Time > c.CPU.Time {
		c.Usage = u
	}
}

// usageOf makes the readings of one subject.
func usageOf(p *subjectPoints, choose choosePoint, rejected *sample.Rejections) (u sample.Usage) {
	var rejection sample.Rejection
	if at, ok := chosen(p, cpuMetric, choose); ok {
		u.CPU, rejection = decode.CPU(at.value, at.time)
		rejected.Add(rejection)
	}
	if at, ok := chosen(p, memoryMetric, choose); ok {
		u.Memory, rejection = decode.Memory(at.value, at.time)
		rejected.Add(rejection)
	}
	if starts := p[startMetric]; len(starts) > 0 && (u.CPU.Known || u.Memory.Known) {
		u.Start, rejection = decode.Start(startAt(starts, u.CPU.Time/int64(time.Millisecond)))
		rejected.Add(rejection)
	}
	return u
}

func chosen(p *subjectPoints, kind metricKind, choose choosePoint) (point, bool) {
	if len(p[kind]) == 0 {
		return point{}, false
	}
	return choose(kind, p[kind])
}

// startAt returns the start of the instance that ran at a time in milliseconds: the last that had begun by then.
func startAt(starts []point, at int64) float64 {
	for _, s := range slices.Backward(starts) {
		if s.value*1000 <= float64(at) {
			return s.value
		}
	}
	return 0
}
