package clients

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// expected is the true usage of a node, of a pod, or of a container of it.
type expected struct {
	node, namespace, pod, container string
	// cores are the CPU rate; memory and swap are in bytes.
	cores        float64
	memory, swap uint64
	// parts is into how many numbers a client divides the CPU before it rounds each up and adds them; one by default.
	parts int
}

// expectedPods are the pods of the fleet for which keep is true, by namespace and name.
func expectedPods(keep func(fleet.PodTruth) bool) map[string]expected {
	pods := map[string]expected{}
	for _, p := range env.Fleet.Pods() {
		if !keep(p) {
			continue
		}
		sum := expected{node: p.Node, namespace: p.Namespace, pod: p.Name}
		for _, c := range p.Containers {
			sum.cores, sum.memory, sum.swap = sum.cores+c.CPU, sum.memory+c.Memory, sum.swap+c.Swap
		}
		pods[p.Namespace+"/"+p.Name] = sum
	}
	return pods
}

// expectedContainers are the containers of such pods, by namespace, pod and name.
func expectedContainers(keep func(fleet.PodTruth) bool) map[string]expected {
	containers := map[string]expected{}
	for _, p := range env.Fleet.Pods() {
		if !keep(p) {
			continue
		}
		for _, c := range p.Containers {
			containers[p.Namespace+"/"+p.Name+"/"+c.Name] = expected{
				node: p.Node, namespace: p.Namespace, pod: p.Name, container: c.Name, cores: c.CPU, memory: c.Memory, swap: c.Swap,
			}
		}
	}
	return containers
}

func everyPod(fleet.PodTruth) bool { return true }

func inNamespace(name string) func(fleet.PodTruth) bool {
	return func(p fleet.PodTruth) bool { return p.Namespace == name }
}

func onNode(name string) func(fleet.PodTruth) bool {
	return func(p fleet.PodTruth) bool { return p.Node == name }
}

// tolerance is how far a CPU rate may be off: 2 percent.
const tolerance = 0.02

// checkCPU compares thousandths of a core, the sum of parts that were rounded up, with a true rate in cores.
func checkCPU(text string, cores float64, parts int) error {
	got, err := strconv.ParseInt(strings.TrimSuffix(text, "m"), 10, 64)
	if err != nil {
		return fmt.Errorf("CPU %q is no number: %w", text, err)
	}
	if want := cores * 1000; math.Abs(float64(got)-want) > float64(parts)+tolerance*want {
		return fmt.Errorf("it shows %dm of CPU, in truth it uses %.2fm", got, want)
	}
	return nil
}

// checkBytes compares mebibytes, which clients round down, with bytes.
func checkBytes(text string, bytes uint64) error {
	if want := strconv.FormatUint(bytes>>20, 10); strings.TrimSuffix(text, "Mi") != want {
		return fmt.Errorf("it shows %q of memory, in truth it uses %sMi", text, want)
	}
	return nil
}

// check compares what a client shows of an object with the truth.
func (e expected) check(cpu, memory string) error {
	return cmp.Or(checkCPU(cpu, e.cores, max(e.parts, 1)), checkBytes(memory, e.memory))
}

// checkPercent compares whole percents, which clients round down, with a part of the whole.
func checkPercent(text string, part, whole float64) error {
	got, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		return fmt.Errorf("%q is no number of percents: %w", text, err)
	}
	if want := 100 * part / whole; got > want*(1+tolerance)+0.1 || got < want*(1-tolerance)-1.1 {
		return fmt.Errorf("it shows %s, want %.2f%%", text, want)
	}
	return nil
}
