package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// watchPods follows the running pods of the cluster that are bound to the fleet's nodes, until ctx is done.
func (f *Fleet) watchPods(ctx context.Context) error {
	running := func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector("status.phase", string(corev1.PodRunning)).String()
	}
	informer := coreinformers.NewFilteredPodInformer(f.options.Client, metav1.NamespaceAll, 0, nil, running)
	if err := informer.SetTransform(stripPod); err != nil {
		return fmt.Errorf("watching pods for the fleet: %w", err)
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { f.follow(ctx, object) },
		UpdateFunc: func(old, object any) { f.refollow(ctx, old, object) },
		DeleteFunc: func(object any) { f.unfollow(object) },
	}
	if _, err := informer.AddEventHandlerWithOptions(handler, cache.HandlerOptions{}); err != nil {
		return fmt.Errorf("watching pods for the fleet: %w", err)
	}
	informer.RunWithContext(ctx)
	return nil
}

// follow brings the simulation of one pod up to date.
func (f *Fleet) follow(ctx context.Context, object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok || f.byName[pod.Spec.NodeName] == nil {
		return
	}
	logger := klog.LoggerWithValues(klog.FromContext(ctx), "pod", klog.KObj(pod))
	spec, err := podFromAPI(pod)
	if err != nil {
		logger.Error(err, "Ignored annotations of a simulated pod, it uses the defaults instead")
	}
	if len(spec.Containers) == 0 {
		f.unfollow(pod)
		return
	}
	if err := f.AddPod(pod.Spec.NodeName, spec); err != nil {
		logger.Error(err, "Could not simulate a pod")
	}
}

// refollow ends what an update replaced: a missed deletion appears as an update to a pod with another UID or node.
func (f *Fleet) refollow(ctx context.Context, old, object any) {
	was, ok := old.(*corev1.Pod)
	is, known := object.(*corev1.Pod)
	if ok && known && (was.UID != is.UID || was.Spec.NodeName != is.Spec.NodeName) {
		f.unfollow(was)
	}
	f.follow(ctx, object)
}

func (f *Fleet) unfollow(object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	if pod, ok := object.(*corev1.Pod); ok {
		f.RemovePod(pod.Spec.NodeName, pod.Namespace, pod.Name, string(pod.UID))
	}
}

// podFromAPI returns the pod with the containers that run. The error names the annotations that are wrong; the pod is usable
// all the same.
func podFromAPI(pod *corev1.Pod) (Pod, error) {
	spec := Pod{
		Namespace: pod.Namespace, Name: pod.Name, UID: string(pod.UID),
		LoadGroup: pod.Annotations[AnnotationLoadGroup],
	}
	if pod.Status.Phase != corev1.PodRunning {
		return spec, nil
	}
	spec.Containers = runningContainers(pod)
	return spec, applyAnnotations(&spec, pod.Annotations)
}

// runningContainers goes by the containers' statuses, and where a pod has none by its specification.
func runningContainers(pod *corev1.Pod) []Container {
	statuses := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses)
	var containers []Container
	for _, s := range statuses {
		if s.State.Running != nil {
			containers = append(containers, Container{Name: s.Name, Start: s.State.Running.StartedAt.Time})
		}
	}
	if len(statuses) > 0 {
		return containers
	}
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers, Container{Name: c.Name})
		}
	}
	for _, c := range pod.Spec.Containers {
		containers = append(containers, Container{Name: c.Name})
	}
	return containers
}

// stripPod keeps only the fields of a pod that the fleet needs, so that tens of thousands of pods fit into memory.
func stripPod(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	kept := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, ResourceVersion: pod.ResourceVersion,
			Annotations: map[string]string{},
		},
		Spec: corev1.PodSpec{NodeName: pod.Spec.NodeName},
		Status: corev1.PodStatus{
			Phase:                      pod.Status.Phase,
			InitContainerStatuses:      stripStatuses(pod.Status.InitContainerStatuses),
			ContainerStatuses:          stripStatuses(pod.Status.ContainerStatuses),
			EphemeralContainerStatuses: stripStatuses(pod.Status.EphemeralContainerStatuses),
		},
	}
	for key, value := range pod.Annotations {
		if strings.HasPrefix(key, annotationDomain) {
			kept.Annotations[key] = value
		}
	}
	for _, c := range pod.Spec.InitContainers {
		kept.Spec.InitContainers = append(kept.Spec.InitContainers, corev1.Container{Name: c.Name, RestartPolicy: c.RestartPolicy})
	}
	for _, c := range pod.Spec.Containers {
		kept.Spec.Containers = append(kept.Spec.Containers, corev1.Container{Name: c.Name})
	}
	return kept, nil
}

func stripStatuses(statuses []corev1.ContainerStatus) []corev1.ContainerStatus {
	var kept []corev1.ContainerStatus
	for _, s := range statuses {
		kept = append(kept, corev1.ContainerStatus{Name: s.Name, State: corev1.ContainerState{Running: s.State.Running}})
	}
	return kept
}
