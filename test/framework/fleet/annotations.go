package fleet

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

const annotationDomain = "plimsoll.dev/"

// The annotations of a pod that set its usage.
const (
	// AnnotationCPU is the rate of each container, in cores; with "." and a container's name after it, of that one.
	AnnotationCPU = annotationDomain + "cpu"
	// AnnotationMemory is the working set of each container, in bytes; with "." and a container's name after it, of that one.
	AnnotationMemory = annotationDomain + "memory"
	// AnnotationSwap is the swap space in use of each container, in bytes; with "." and a container's name after it, of that one.
	AnnotationSwap = annotationDomain + "swap"
	// AnnotationLoadGroup is the group, within the namespace, whose load the pod shares.
	AnnotationLoadGroup = annotationDomain + "load-group"
)

// The least and the most that a container uses without annotations.
const (
	leastMillicores, mostMillicores = 5, 200
	leastMebibytes, mostMebibytes   = 16, 256
)

// applyAnnotations sets the usage of each container. It reports all invalid annotations at once, and uses the default for them.
func applyAnnotations(pod *Pod, annotations map[string]string) error {
	var errs []error
	for i := range pod.Containers {
		c := &pod.Containers[i]
		c.CPU, c.Memory = defaultUse(pod.Namespace, pod.Name, c.Name)
		if cores, ok, err := lookUp(annotations, AnnotationCPU, c.Name); err != nil {
			errs = append(errs, err)
		} else if rate := cores.AsApproximateFloat64(); ok && rate > maxCores {
			errs = append(errs, fmt.Errorf("annotation %s has %s cores: give at most %d", AnnotationCPU, cores.String(), maxCores))
		} else if ok {
			c.CPU = rate
		}
		for _, size := range []struct {
			key string
			of  *uint64
		}{{AnnotationMemory, &c.Memory}, {AnnotationSwap, &c.Swap}} {
			if bytes, ok, err := lookUp(annotations, size.key, c.Name); err != nil {
				errs = append(errs, err)
			} else if ok {
				*size.of = uint64(bytes.Value())
			}
		}
	}
	return utilerrors.NewAggregate(errs)
}

// lookUp returns the quantity for one container, or else for each container of the pod.
func lookUp(annotations map[string]string, key, container string) (resource.Quantity, bool, error) {
	if _, ok := annotations[key+"."+container]; ok {
		key += "." + container
	}
	text, ok := annotations[key]
	if !ok {
		return resource.Quantity{}, false, nil
	}
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return resource.Quantity{}, false, fmt.Errorf("annotation %s is %q: %w", key, text, err)
	}
	if quantity.Sign() < 0 {
		return resource.Quantity{}, false, fmt.Errorf("annotation %s is %q: give 0 or more", key, text)
	}
	return quantity, true, nil
}

// defaultUse returns a rate in cores and memory in bytes that depend on the names alone.
func defaultUse(namespace, pod, container string) (cpu float64, memory uint64) {
	h := hash(namespace, pod, container)
	millicores := leastMillicores + h%(mostMillicores-leastMillicores+1)
	mebibytes := leastMebibytes + mix(h)%(mostMebibytes-leastMebibytes+1)
	return float64(millicores) / 1000, mebibytes << 20
}
