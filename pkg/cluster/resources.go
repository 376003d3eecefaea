package cluster

import (
	"encoding/binary"
	"unique"

	corev1 "k8s.io/api/core/v1"
)

// Resources are what one container requests, and its limits; 0 where it has none. CPU is in millicores, memory in bytes.
type Resources struct {
	CPURequest, CPULimit, MemoryRequest, MemoryLimit uint64
}

// resourcesSize is how many bytes [Resources] have in an encoding.
const resourcesSize = 4 * 8

// encodedResources are those of a pod's containers, one after the other. Pods that have the same share them, as those of one workload do, so that they
// cost a pod a pointer. The zero value has none.
type encodedResources struct{ text unique.Handle[string] }

// Resources are those of the container at an index of Expected. They are zero unless the cluster's options say to keep them.
func (p *Pod) Resources(container int) (r Resources) {
	if !p.HasResources() {
		return r
	}
	text := []byte(p.resources.text.Value()[container*resourcesSize:][:resourcesSize])
	for i, field := range r.fields() {
		*field = binary.LittleEndian.Uint64(text[8*i:])
	}
	return r
}

// HasResources is true where the resources of the pod's containers are kept.
func (p *Pod) HasResources() bool { return p.resources != encodedResources{} }

func (r *Resources) fields() [4]*uint64 {
	return [...]*uint64{&r.CPURequest, &r.CPULimit, &r.MemoryRequest, &r.MemoryLimit}
}

// StripWithResources is [Strip], with the resources of the containers.
func StripWithResources(full *corev1.Pod) *Pod {
	p := Strip(full)
	if len(p.Expected) == 0 {
		return p
	}
	// Expected has names in the order of the containers, so that each is found behind the one before.
	text := make([]byte, 0, len(p.Expected)*resourcesSize)
	for _, containers := range [][]corev1.Container{full.Spec.InitContainers, full.Spec.Containers} {
		for i := range containers {
			if at := len(text) / resourcesSize; at < len(p.Expected) && containers[i].Name == p.Expected[at] {
				text = appendResources(text, &containers[i].Resources)
			}
		}
	}
	p.resources.text = unique.Make(string(text))
	return p
}

func appendResources(text []byte, of *corev1.ResourceRequirements) []byte {
	r := Resources{
		CPURequest: amount(of.Requests.Cpu().MilliValue()), CPULimit: amount(of.Limits.Cpu().MilliValue()),
		MemoryRequest: amount(of.Requests.Memory().Value()), MemoryLimit: amount(of.Limits.Memory().Value()),
	}
	for _, field := range r.fields() {
		text = binary.LittleEndian.AppendUint64(text, *field)
	}
	return text
}

func amount(v int64) uint64 { return uint64(max(v, 0)) }
