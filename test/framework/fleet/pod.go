package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// maxCores bounds a rate, so that counters last for years.
const maxCores = 100_000

// Pod is a pod to simulate.
type Pod struct {
	Namespace, Name string
	// UID distinguishes one instance of a pod from the next one with its name.
	UID string
	// LoadGroup is the name, within the namespace, of the group that shares a load; empty for none.
	LoadGroup string
	// Containers are those that run. Their names are distinct.
	Containers []Container
}

// Container is a running container to simulate.
type Container struct {
	Name string
	// Start is when it was created. The zero time means now for a new container, and no restart for a known one.
	Start time.Time
	// CPU is the rate in cores.
	CPU float64
	// Memory is the working set and Swap the swap space in use, both in bytes.
	Memory, Swap uint64
}

func (p Pod) key() podKey { return podKey{p.Namespace, p.Name} }

// podKey names a pod in the fleet.
type podKey struct{ namespace, name string }

func (k podKey) String() string { return k.namespace + "/" + k.name }

func (k podKey) compare(o podKey) int {
	return cmp.Or(cmp.Compare(k.namespace, o.namespace), cmp.Compare(k.name, o.name))
}

// validate reports all that is wrong with a pod at once.
func (p Pod) validate() error {
	var errs []error
	if p.Namespace == "" || p.Name == "" {
		errs = append(errs, errors.New("needs a namespace and a name"))
	}
	names := make([]string, 0, len(p.Containers))
	for _, c := range p.Containers {
		if c.Name == "" || slices.Contains(names, c.Name) {
			errs = append(errs, fmt.Errorf("container name %q is empty or there twice", c.Name))
		}
		names = append(names, c.Name)
		if _, err := nanocores(c.CPU); err != nil {
			errs = append(errs, fmt.Errorf("container %q: %w", c.Name, err))
		}
	}
	if err := utilerrors.NewAggregate(errs); err != nil {
		return fmt.Errorf("pod %s: %w", p.key(), err)
	}
	return nil
}

// nanocores converts a rate in cores.
func nanocores(cores float64) (uint64, error) {
	if !(cores >= 0 && cores <= maxCores) {
		return 0, fmt.Errorf("CPU rate of %g cores: give between 0 and %d", cores, maxCores)
	}
	return uint64(math.Round(cores * nano)), nil
}
