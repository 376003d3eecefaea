//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// The largest differences between a served value and the kernel's at the same time.
const (
	cpuTolerance    = 0.10
	memoryTolerance = 0.05
	// kubeletsOwn is the nominal window of a kubelet's own rate, whose window the kubelet does not report.
	kubeletsOwn = 15 * time.Second
	// startsApart is more than there is between a container's start, as the kubelet reports it, and its first reading by this test.
	startsApart = 2 * time.Second
)

// steady has a CPU request as large as its use: without a request it gets almost no CPU on a busy machine.
const steady = `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: catalogue}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: app, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=300", "-mebibytes=64", "-disk=16"], resources: {requests: {cpu: 300m}}}
---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: ledger}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: app, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=150", "-mebibytes=128"], resources: {requests: {cpu: 150m}}}
  - {name: cache, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=50", "-mebibytes=32"], resources: {requests: {cpu: 50m}}}
`

// testMetrics compares three responses for each of two pods with the cgroups of their containers.
func (env *environment) testMetrics(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	env.apply(t, steady)
	for _, name := range []string{"catalogue", "ledger"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod, err := env.pod(t.Context(), name)
			must(t, err)
			k := env.observe(t, pod)
			var last time.Time
			// A machine that is busy with something else makes the bounds of a window vague.
			for judged, requests := 0, 0; judged < 3; requests++ {
				if requests == 10 {
					t.Fatalf("%d of 10 responses could be judged, want 3", judged)
				}
				m := env.next(t, name, last)
				if last.IsZero() {
					progress("%s has metrics %s after it was created", name, time.Since(begin).Round(time.Second/10))
				}
				last = m.Timestamp.Time
				if env.compare(t, k, m) {
					judged++
				}
			}
		})
	}
	t.Run("kubectl", func(t *testing.T) {
		t.Parallel()
		poll.Eventually(t, time.Minute, func(ctx context.Context) error {
			out, err := env.kubectl(ctx, "", "top", "pods", "--namespace", namespace, "--containers", "--no-headers")
			for _, want := range []string{"catalogue", "ledger", "cache"} {
				if err == nil && !strings.Contains(out, want) {
					err = fmt.Errorf("kubectl top pods has no %s:\n%s", want, out)
				}
			}
			return err
		})
	})
}

// next is the next response for a pod: the first with a newer time than the last.
func (env *environment) next(t *testing.T, name string, last time.Time) (m *v1beta1.PodMetrics) {
	t.Helper()
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) (err error) {
		m, err = env.podMetrics(ctx, name)
		if err == nil && !m.Timestamp.After(last) {
			err = fmt.Errorf("the metrics of %s are still those of %s", name, last)
		}
		return err
	})
	return m
}

// compare wants a response to be what the kernel reports of the time that the response itself names. It returns whether that could
// be judged for every container. A response names the longest window of its containers. Where one began before a scrape and another
// after it, their first windows differ by many seconds, and the work of starting is in some: any window will do there, and the response
// is not judged.
func (env *environment) compare(t *testing.T, k *kernel, m *v1beta1.PodMetrics) bool {
	t.Helper()
	pod, err := env.pod(t.Context(), m.Name)
	must(t, err)
	if len(m.Containers) != len(pod.Spec.Containers) {
		t.Errorf("%s is served with %v", m.Name, containers(m))
	}
	windows, judged := []time.Duration{m.Window.Duration}, true
	if len(m.Containers) > 1 && m.Timestamp.Add(-m.Window.Duration).Before(k.youngest().Add(startsApart)) {
		windows, judged = append(windows, shorter(m.Window.Duration)...), false
	}
	for _, c := range m.Containers {
		_, id, _ := strings.Cut(containerID(pod, c.Name), "://")
		var all []span
		var memory span
		poll.Eventually(t, 5*time.Second, func(context.Context) (err error) {
			if all, memory, err = k.spans(id, m.Timestamp.Time, windows); errors.Is(err, errTooEarly) {
				return err
			}
			return nil
		})
		cpu := all[0]
		gotCPU, gotMemory := c.Usage.Cpu().AsApproximateFloat64()*1e9, c.Usage.Memory().AsApproximateFloat64()
		progress("%s/%s over %s to %s: served %.1fm and %.1fMi, the kernel reports %.1fm to %.1fm and %.1fMi", m.Name, c.Name,
			m.Window.Duration.Round(time.Millisecond), m.Timestamp.Format(time.TimeOnly),
			gotCPU/1e6, gotMemory/(1<<20), cpu.least/1e6, cpu.most/1e6, memory.most/(1<<20))
		if cpu == (span{}) || m.Window.Duration == kubeletsOwn {
			// The first response may be the kubelet's own rate, over a window that it does not report.
			judged = false
			continue
		}
		if starved(pod, c.Name, cpu) {
			// Even the kernel's own moments of reading are late by seconds then.
			judged = false
			continue
		}
		judged = judged && !cpu.vague()
		if !slices.ContainsFunc(all, func(s span) bool { return s.holds(gotCPU, cpuTolerance) }) {
			t.Errorf("%s/%s: CPU %.0f nanocores, the kernel reports %.0f", m.Name, c.Name, gotCPU, cpu)
		}
		if !memory.holds(gotMemory, memoryTolerance) {
			t.Errorf("%s/%s: memory %.0f bytes, the kernel reports %.0f", m.Name, c.Name, gotMemory, memory)
		}
	}
	return judged
}

// starved is true where a container that uses what it requests was given less than half of that: the machine is busy with something
// else.
func starved(pod *corev1.Pod, name string, cpu span) bool {
	for _, c := range pod.Spec.Containers {
		if c.Name == name {
			return cpu.most < c.Resources.Requests.Cpu().AsApproximateFloat64()*1e9/2
		}
	}
	return false
}
