package replicas

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// kubelet runs the pods that the cluster's controllers have created and its scheduler has bound, in the place of the kubelets of their nodes. It also
// publishes their endpoints, as the controller of EndpointSlices does.
type kubelet struct {
	program cluster.Program
	routes  *routes

	// mu guards what follows.
	mu       sync.Mutex
	replicas map[types.UID]*replica
	failures []error
}

// observing is the time between two looks at the pods of the API server.
const observing = 100 * time.Millisecond

func newKubelet(ctx context.Context, service corev1.Service) (*kubelet, error) {
	program, err := env.Plimsoll(ctx)
	if err != nil {
		return nil, err
	}
	routes, err := newRoutes(service)
	if err != nil {
		return nil, err
	}
	return &kubelet{program: program, routes: routes, replicas: map[types.UID]*replica{}}, nil
}

// run runs pods until ctx ends, and then ends those that are left.
func (k *kubelet) run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { k.routes.serve(ctx) })
	ticker := time.NewTicker(observing)
	defer ticker.Stop()
	for {
		list, err := env.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if ctx.Err() != nil {
			return k.failure()
		}
		if err != nil {
			k.fail(fmt.Errorf("list the pods: %w", err))
			list = &corev1.PodList{}
		}
		for i := range list.Items {
			if r, isNew := k.observe(&list.Items[i]); isNew {
				running.Go(func() { k.fail(r.live(ctx)) })
			}
		}
		k.fail(k.routes.publish(ctx, k.all()))
		select {
		case <-ctx.Done():
			return k.failure()
		case <-ticker.C:
		}
	}
}

// observe takes note of a pod. One that is bound and was not known is new.
func (k *kubelet) observe(pod *corev1.Pod) (r *replica, isNew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r = k.replicas[pod.UID]
	if r == nil && pod.Spec.NodeName != "" {
		isNew = true
		r = newReplica(pod, fmt.Sprintf("127.77.0.%d", len(k.replicas)+1), k.program)
		k.replicas[pod.UID] = r
	}
	if r != nil && pod.DeletionTimestamp != nil {
		r.markDeleted(*pod.DeletionGracePeriodSeconds)
	}
	return r, isNew
}

func (k *kubelet) fail(err error) {
	if err == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failures = append(k.failures, err)
}

// failure is what went wrong with the pods since the last call.
func (k *kubelet) failure() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	err := errors.Join(k.failures...)
	k.failures = nil
	return err
}

// all returns the replicas that were ever run, in the order of their addresses.
func (k *kubelet) all() []*replica {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.SortedFunc(maps.Values(k.replicas), func(a, b *replica) int {
		return strings.Compare(fmt.Sprintf("%20s", a.address), fmt.Sprintf("%20s", b.address))
	})
}

// ready returns the replicas that are ready and are not to be deleted.
func (k *kubelet) ready() []*replica {
	return slices.DeleteFunc(k.all(), func(r *replica) bool {
		s := r.state()
		return !s.ready || !s.deleted.IsZero()
	})
}

// running returns the replicas whose process has not ended.
func (k *kubelet) running() []*replica {
	return slices.DeleteFunc(k.all(), func(r *replica) bool { return r.state().ended })
}
