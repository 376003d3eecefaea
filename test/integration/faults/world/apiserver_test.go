package world

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// knownWithin is how long after the API server's return Plimsoll knows the pods that came meanwhile: the longest wait between two attempts to watch.
const knownWithin = 8 * time.Second

// settled is how long after its start an API server may take until it sends requests on.
const settled = 2 * time.Second

// TestAPIServerAway kills the API server and starts it again. Plimsoll serves the clients that it has authorized meanwhile, and afterwards everyone,
// with the pods that were created meanwhile, without a restart.
func TestAPIServerAway(t *testing.T) {
	// A decision holds for a minute.
	away := min(size.away, 50*time.Second)
	client := direct(t, env.Server, "api-server-away")
	settle(t, client)
	pid := env.Server.PID()
	served := repeat(t, 100*time.Millisecond, autoscalerCall(client))
	seen := watch(t, client, 500*time.Millisecond)
	through := repeat(t, 100*time.Millisecond, autoscalerCall(aggregated(t, "api-server-away")))
	from := time.Now()
	pause(t, 3*time.Second)
	pattern := runningPod(t)

	gone := time.Now()
	if err := env.Kill(parts.KubeAPIServer); err != nil {
		t.Fatal(err)
	}
	restart := onceRestarted(t)
	storePod(t, pattern)
	pause(t, away)
	back := time.Now()
	restart()
	ready := time.Now()
	poll.Eventually(t, knownWithin+size.resolution+2*time.Second, func(ctx context.Context) error {
		_, err := client.MetricsV1().PodMetricses(pattern.Namespace).Get(ctx, newPod, metav1.GetOptions{})
		return err
	})
	known := time.Since(ready)
	pause(t, size.resolution)
	served.end()
	seen.end()
	through.end()
	to := time.Now()

	result{
		before: fmt.Sprintf("direct: %v; through it: %v", served.between(from, gone), through.between(from, gone)),
		during: fmt.Sprintf("direct: %v; %v; through it: %v", served.between(gone, back), seen.between(gone, back), through.between(gone, back)),
		after:  fmt.Sprintf("direct: %v; %v; through it: %v", served.between(back, to), seen.between(back, to), through.between(ready.Add(settled), to)),
		again:  fmt.Sprintf("a pod of meanwhile is served %.1f s after the API server is ready", known.Seconds()),
	}.keep(t, fmt.Sprintf("API server killed, away for %s", away))
	served.between(from, to).requireServed(t, "the client with a decision")
	through.between(ready.Add(settled), to).requireServed(t, "the client of the API server")
	seen.between(from, to).requireComplete(t, "throughout", size.resolution+2*time.Second)
	if env.Server.PID() != pid || env.Server.Ended() {
		t.Error("the process did not live through this")
	}
}

// onceRestarted returns what starts the API server again; the end of the test does it at the latest.
func onceRestarted(t *testing.T) (restart func()) {
	t.Helper()
	done := false
	restart = func() {
		if done {
			return
		}
		done = true
		// The context of a test is over when its cleanup runs.
		if err := env.Restart(context.WithoutCancel(t.Context()), parts.KubeAPIServer); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(restart)
	return restart
}

// newPod is the name of a pod that is created while the API server is away.
const newPod = "created-meanwhile"

// runningPod is a pod of the population, as the API server has it.
func runningPod(t *testing.T) *corev1.Pod {
	t.Helper()
	pod, err := env.Client.CoreV1().Pods("team-0").Get(t.Context(), nodes()[0]+"-000", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod
}

// storePod stores a copy of a running pod past the API server, as another API server of the cluster would. The test ends with its deletion.
func storePod(t *testing.T, pattern *corev1.Pod) {
	t.Helper()
	pod := pattern.DeepCopy()
	pod.Name, pod.UID = newPod, uuid.NewUUID()
	pod.Annotations = map[string]string{fleet.AnnotationCPU: "100m", fleet.AnnotationMemory: "64Mi"}
	var all iter.Seq2[*corev1.Pod, error] = func(yield func(*corev1.Pod, error) bool) { yield(pod, nil) }
	if err := env.StorePods(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		now := int64(0)
		if err := env.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
			t.Errorf("delete pod %s: %v", pod.Name, err)
		}
	})
	// The fleet's own watch waits for the API server too.
	simulated := fleet.Pod{Namespace: pod.Namespace, Name: pod.Name, UID: string(pod.UID)}
	for _, s := range pod.Status.ContainerStatuses {
		simulated.Containers = append(simulated.Containers, fleet.Container{Name: s.Name, Start: s.State.Running.StartedAt.Time, CPU: 0.1, Memory: 64 << 20})
	}
	if err := env.Fleet.AddPod(pod.Spec.NodeName, simulated); err != nil {
		t.Fatal(fmt.Errorf("simulate pod %s: %w", pod.Name, err))
	}
}
