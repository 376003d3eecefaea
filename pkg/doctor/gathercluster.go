package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// target reads the object that the report is about. A pod leads to its node.
func (a *Access) target(ctx context.Context, f *Facts) error {
	if f.Target.Pod.Name != "" {
		pod, err := a.core.CoreV1().Pods(f.Target.Pod.Namespace).Get(ctx, f.Target.Pod.Name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read the pod: %w", err)
		}
		f.Pod = pod
	}
	if f.Target.Node != "" {
		node, err := a.core.CoreV1().Nodes().Get(ctx, f.Target.Node, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read the node: %w", err)
		}
		f.Nodes.Value = []Node{nodeOf(node)}
	}
	return nil
}

// clusterWide reads objects of the cluster, and what the user of this command may read.
func (a *Access) clusterWide(f *Facts) []task {
	tasks := []task{func(ctx context.Context) {
		m, err := a.core.CoreV1().ConfigMaps(authenticationNamespace).Get(ctx, authenticationConfigMap, metav1.GetOptions{})
		if f.Authentication.Err = err; err == nil {
			f.Authentication.Value = m.Data
		}
	}}
	rights := UserRights()
	f.UserRights = make([]RightFact, len(rights))
	for i, right := range rights {
		tasks = append(tasks, func(ctx context.Context) { f.UserRights[i] = a.reviewSelf(ctx, right) })
	}
	if f.Target.Pod.Name != "" {
		return tasks
	}
	tasks = append(tasks, func(ctx context.Context) { f.Leases = a.leases(ctx) })
	if f.Target.Node == "" {
		tasks = append(tasks,
			func(ctx context.Context) { f.Nodes = a.nodes(ctx) },
			func(ctx context.Context) { f.Autoscalers = a.autoscalers(ctx) })
	}
	return tasks
}

func nodeOf(n *corev1.Node) Node {
	node := Node{Name: n.Name}
	for _, c := range n.Status.Conditions {
		node.Ready = node.Ready || c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	}
	return node
}

func (a *Access) nodes(ctx context.Context) Fact[[]Node] {
	return all(ctx, "", a.core.CoreV1().Nodes().List, func(l *corev1.NodeList) (kept []Node, next string) {
		for i := range l.Items {
			kept = append(kept, nodeOf(&l.Items[i]))
		}
		return kept, l.Continue
	})
}

// leases returns how far the clock of each node is ahead.
func (a *Access) leases(ctx context.Context) Fact[map[string]time.Duration] {
	type skew struct {
		node  string
		ahead time.Duration
	}
	list := all(ctx, "", a.core.CoordinationV1().Leases(corev1.NamespaceNodeLease).List, func(l *coordinationv1.LeaseList) (kept []skew, next string) {
		for i := range l.Items {
			if ahead, ok := leaseSkew(&l.Items[i]); ok {
				kept = append(kept, skew{l.Items[i].Name, ahead})
			}
		}
		return kept, l.Continue
	})
	skews := make(map[string]time.Duration, len(list.Value))
	for _, s := range list.Value {
		skews[s.node] = s.ahead
	}
	return Fact[map[string]time.Duration]{skews, list.Err}
}

// leaseSkew is how far the clock of the kubelet is ahead of the API server's. The kubelet writes spec.renewTime, and the API server notes when that was
// written. So the result does not depend on when the lease is read.
func leaseSkew(l *coordinationv1.Lease) (time.Duration, bool) {
	if l.Spec.RenewTime == nil {
		return 0, false
	}
	var written time.Time
	for _, m := range l.ManagedFields {
		if m.Time != nil && m.FieldsV1 != nil && m.Time.After(written) && strings.Contains(string(m.FieldsV1.GetRawBytes()), `"f:renewTime"`) {
			written = m.Time.Time
		}
	}
	return l.Spec.RenewTime.Sub(written), !written.IsZero()
}

func (a *Access) autoscalers(ctx context.Context) Fact[[]Autoscaler] {
	return all(ctx, "", a.core.AutoscalingV2().HorizontalPodAutoscalers(metav1.NamespaceAll).List, func(l *autoscalingv2.HorizontalPodAutoscalerList) (kept []Autoscaler, next string) {
		for _, h := range l.Items {
			if readsResources(&h) {
				kept = append(kept, Autoscaler{types.NamespacedName{Namespace: h.Namespace, Name: h.Name}, h.Status.Conditions})
			}
		}
		return kept, l.Continue
	})
}

// readsResources is true for an autoscaler that reads metrics.k8s.io.
func readsResources(h *autoscalingv2.HorizontalPodAutoscaler) bool {
	for _, m := range h.Spec.Metrics {
		if m.Type == autoscalingv2.ResourceMetricSourceType || m.Type == autoscalingv2.ContainerResourceMetricSourceType {
			return true
		}
	}
	return false
}
