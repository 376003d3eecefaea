package truth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// ErrUnknown is in the error about a pod, a container or a node that no true response of the fleet had.
var ErrUnknown = errors.New("the fleet had none")

// Pod returns an error where the usage of a pod is not what its node had, and the name of the node, which is empty for a pod that no response of
// the fleet had, be it true or not.
func Pod(f *fleet.Fleet, p *metricsv1.PodMetrics) (node string, err error) {
	had, ok := f.PodHistory(fleet.PodID{Namespace: p.Namespace, Name: p.Name, UID: string(p.UID)})
	if !ok || len(had.Containers) == 0 {
		return had.Node, fmt.Errorf("pod %s/%s with uid %q on %q at %s, window %s: %w", p.Namespace, p.Name, p.UID, had.Node,
			p.Timestamp.UTC().Format(time.TimeOnly), p.Window.Duration, ErrUnknown)
	}
	if err := comparePod(had.Containers, p); err != nil {
		return had.Node, fmt.Errorf("pod %s/%s on %s at %s, window %s: %w", p.Namespace, p.Name, had.Node,
			p.Timestamp.UTC().Format(time.TimeOnly), p.Window.Duration, err)
	}
	return had.Node, nil
}

// Node is Pod for a node itself.
func Node(f *fleet.Fleet, n *metricsv1.NodeMetrics) error {
	readings := f.NodeHistory(n.Name)
	if len(readings) == 0 {
		return fmt.Errorf("node %s: %w", n.Name, ErrUnknown)
	}
	windows := endingAt(explain(readings, valueOf(n.Usage), int64(n.Window.Duration)), n.Timestamp.Time)
	if err := fits(windows, n.Timestamp.Time, n.Window.Duration); err != nil {
		return fmt.Errorf("node %s at %s, window %s, serves %s: %w: %s", n.Name, n.Timestamp.UTC().Format(time.TimeOnly), n.Window.Duration,
			format(n.Usage), err, describe(readings))
	}
	return nil
}

// comparePod has each container explained by windows that begin and end no sooner than the pod's, and one of them at least by each end of the pod's.
func comparePod(had map[string][]fleet.Reading, p *metricsv1.PodMetrics) error {
	if len(p.Containers) != len(had) {
		return fmt.Errorf("it is served with %d containers, and has %d", len(p.Containers), len(had))
	}
	var all []window
	for _, c := range p.Containers {
		readings, ok := had[c.Name]
		if !ok {
			return fmt.Errorf("container %q: %w", c.Name, ErrUnknown)
		}
		windows := notBefore(explain(readings, valueOf(c.Usage), int64(p.Window.Duration)), p.Timestamp.Time)
		if len(windows) == 0 {
			return fmt.Errorf("container %q serves %s, which no reading explains: %s", c.Name, format(c.Usage), describe(readings))
		}
		all = append(all, windows...)
	}
	return fits(all, p.Timestamp.Time, p.Window.Duration)
}

// notBefore are the windows that end at the time or later. The API has whole seconds.
func notBefore(all []window, at time.Time) (found []window) {
	for _, w := range all {
		if w.end >= at.UnixNano() {
			found = append(found, w)
		}
	}
	return found
}

// endingAt are the windows that end at the time, in whole seconds.
func endingAt(all []window, at time.Time) (found []window) {
	for _, w := range notBefore(all, at) {
		if w.end < at.Add(time.Second).UnixNano() {
			found = append(found, w)
		}
	}
	return found
}

// fits wants a window that ends at the time, and one of this length.
func fits(all []window, at time.Time, length time.Duration) error {
	if len(endingAt(all, at)) == 0 {
		return errors.New("no reading at that time explains it")
	}
	for _, w := range all {
		if max(w.length-int64(length), int64(length)-w.length) <= windowOff {
			return nil
		}
	}
	return errors.New("no two readings with that window between them explain it")
}

func valueOf(list corev1.ResourceList) value {
	return value{cpu: uint64(list.Cpu().ScaledValue(resource.Nano)), memory: uint64(list.Memory().Value())}
}

func format(list corev1.ResourceList) string {
	v := valueOf(list)
	return fmt.Sprintf("%d nanocores and %d bytes", v.cpu, v.memory)
}

// described is how many of the newest readings an error has.
const described = 12

func describe(readings []fleet.Reading) string {
	var text strings.Builder
	text.WriteString("the newest readings are")
	for _, r := range readings[max(0, len(readings)-described):] {
		fmt.Fprintf(&text, " [%s summary=%t start=%s cpu=%d rate=%d memory=%d]", clock(r.Time), r.Summary, clock(r.Start), r.CPU, r.Rate, r.Memory)
	}
	return text.String()
}

func clock(at int64) string { return time.Unix(0, at).UTC().Format("15:04:05.000000") }
