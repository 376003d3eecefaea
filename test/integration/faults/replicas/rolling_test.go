package replicas

import (
	"context"
	"fmt"
	"testing"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestRollingRestart restarts the Deployment under 100 calls a second at the endpoints of the Service and as many through a balancer: none fails, no list
// misses a pod, and no client goes back in time.
func TestRollingRestart(t *testing.T) {
	before := awaitReplicas(t, nil)
	l := startLoad(t)
	for _, command := range [][]string{
		{"rollout", "restart", "--namespace=" + namespace, "deployment/" + name},
		{"rollout", "status", "--namespace=" + namespace, "deployment/" + name, "--timeout=60s"},
	} {
		if out, err := env.Run(t.Context(), "", command...); err != nil {
			t.Fatalf("%v\n%s\n%v", err, out, pods.failure())
		}
	}
	awaitReplicas(t, before)
	l.stop(t, "rolling restart")
}

// TestEviction drains the node of a replica: the disruption budget keeps the other one meanwhile.
func TestEviction(t *testing.T) {
	two := awaitReplicas(t, nil)
	l := startLoad(t)
	evict := func(ctx context.Context, r *replica) error {
		return env.Client.PolicyV1().Evictions(namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: r.pod.Name}})
	}
	// The controller of the budgets notices a moment later that both are ready.
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error { return evict(ctx, two[0]) })
	if err := evict(t.Context(), two[1]); !apierrors.IsTooManyRequests(err) {
		t.Errorf("the second eviction: %v, want it to be refused", err)
	}
	awaitReplicas(t, two[:1])
	l.stop(t, "eviction")
}

// awaitReplicas waits until the replicas of before have ended, and two are ready on a node each, and returns these.
func awaitReplicas(t *testing.T, before []*replica) (after []*replica) {
	t.Helper()
	poll.Eventually(t, time.Minute, func(context.Context) error {
		if err := pods.failure(); err != nil {
			t.Fatal(err)
		}
		for _, r := range before {
			if s := r.state(); !s.ended {
				return fmt.Errorf("pod %s has not ended, deleted at %s", r.pod.Name, s.deleted)
			}
		}
		after = pods.ready()
		if len(after) != 2 || len(pods.running()) != 2 {
			return fmt.Errorf("%d replicas are ready, and %d run, want 2", len(after), len(pods.running()))
		}
		if node := after[0].pod.Spec.NodeName; node == after[1].pod.Spec.NodeName {
			return fmt.Errorf("both replicas are on %s", node)
		}
		return nil
	})
	return after
}
