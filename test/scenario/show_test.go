package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/metrics/pkg/apis/metrics"
)

// get prints a list of pods or nodes, one line for each.
func (s *simulation) get(resource string, out *strings.Builder) error {
	var lines []string
	switch resource {
	case "pods":
		list, err := s.server.pods.List(s.t.Context(), nil)
		if err != nil {
			return err
		}
		for _, p := range api(list).(*metrics.PodMetricsList).Items {
			lines = append(lines, showPod(p))
		}
	case "nodes":
		list, err := s.server.nodes.List(s.t.Context(), nil)
		if err != nil {
			return err
		}
		for _, n := range api(list).(*metrics.NodeMetricsList).Items {
			lines = append(lines, n.Name+showTime(n.Timestamp, n.Window)+"  "+showUsage(n.Usage))
		}
	default:
		return errUsage
	}
	if len(lines) == 0 {
		lines = []string{"no " + resource}
	}
	out.WriteString(strings.Join(lines, "\n") + "\n")
	return nil
}

func showPod(p metrics.PodMetrics) string {
	line := p.Namespace + "/" + p.Name + showTime(p.Timestamp, p.Window)
	for _, c := range p.Containers {
		line += "  " + c.Name + "=" + showUsage(c.Usage)
	}
	return line
}

func showTime(timestamp metav1.Time, window metav1.Duration) string {
	return fmt.Sprintf("  age=%s window=%s", time.Since(timestamp.Time), window.Duration)
}

// showUsage prints CPU in millicores and memory in binary units; other resources follow under their names.
func showUsage(usage corev1.ResourceList) string {
	cpu, memory := usage[corev1.ResourceCPU], usage[corev1.ResourceMemory]
	text := strconv.FormatFloat(float64(cpu.ScaledValue(resource.Nano))/1e6, 'f', -1, 64) + "m/" + memory.String()
	for _, name := range slices.Sorted(maps.Keys(usage)) {
		if name != corev1.ResourceCPU && name != corev1.ResourceMemory {
			text += fmt.Sprintf(" %s=%s", name, usage.Name(name, resource.BinarySI).String())
		}
	}
	return text
}

// why prints the usage of one object, or the message of the 404.
func (s *simulation) why(kind, name string, out *strings.Builder) error {
	var err error
	switch kind {
	case "node":
		_, err = s.server.nodes.Get(s.t.Context(), name, nil)
	case "pod":
		namespace, pod, _ := strings.Cut(name, "/")
		var found runtime.Object
		ctx := genericapirequest.WithNamespace(s.t.Context(), namespace)
		found, err = s.server.pods.Get(ctx, pod, nil)
		if p, ok := api(found).(*metrics.PodMetrics); ok && err == nil {
			fmt.Fprintln(out, showPod(*p))
		}
	default:
		return errUsage
	}
	if err == nil {
		return nil
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	_, reason, _ := strings.Cut(err.Error(), " not found")
	fmt.Fprintln(out, "not found"+reason)
	return nil
}

// api is what a registry returned as one of the API's types; nil where it returned nothing.
func api(object runtime.Object) runtime.Object {
	if own, ok := object.(interface{ API() runtime.Object }); ok {
		return own.API()
	}
	return nil
}
