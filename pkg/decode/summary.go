package decode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Summary decodes the body of a kubelet's /stats/summary, in full or with only_cpu_and_memory, in the JSON of
// k8s.io/kubelet/pkg/apis/stats/v1alpha1.
//
// The caller bounds the body and keeps it. A pod without containers is in the result, because kubelets report such pods.
// Times are whole seconds, because kubelets write them so. A field of the wrong type is left out alone, and counted.
//
// The error wraps ErrTruncated, ErrSyntax or ErrEmpty: a kubelet whose collection fails answers with another HTTP status.
func Summary(body []byte) (sample.Node, error) {
	var stats summaryStats
	var n sample.Node
	if err := unmarshal(body, &stats, &n.Rejected); err != nil {
		return sample.Node{}, err
	}
	if stats.Node.Name == "" && stats.Node.known() == 0 && len(stats.Pods) == 0 {
		return sample.Node{}, emptyError(body)
	}
	n.Usage = stats.Node.usage(&n.Rejected)
	n.Pods = podsOf(stats.Pods, &n.Rejected)
	return n, nil
}

// unmarshal reads a bounded body into what is wanted of it. A field of the wrong type is left out and counted.
func unmarshal(body []byte, into any, rejected *sample.Rejections) error {
	if err := checkObjects(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		rejected.Add(sample.Malformed)
	case err != nil:
		return syntaxError(body, err)
	}
	return nil
}

// syntaxError tells a body that ends too early from one that was never JSON.
func syntaxError(body []byte, err error) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return fmt.Errorf("%w: it has no text", ErrEmpty)
	}
	var first json.RawMessage
	if early := json.NewDecoder(bytes.NewReader(body)).Decode(&first); errors.Is(early, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrTruncated, early)
	}
	return fmt.Errorf("%w: it begins %q: %w", ErrSyntax, beginning(body), err)
}

// emptyError is a body in the right format that says nothing.
func emptyError(body []byte) error {
	return fmt.Errorf("%w: it begins %q", ErrEmpty, beginning(body))
}

// podsOf assembles the pods of an answer, each of which may be in it more than once.
func podsOf(stats []podStats, rejected *sample.Rejections) []sample.Pod {
	a := newAssembly(len(stats), len(stats), map[string]string{})
	lives := make([]podLife, 0, len(stats)) // by the index of the pod
	for _, s := range stats {
		if s.PodRef.Namespace == "" || s.PodRef.Name == "" {
			rejected.Add(sample.Malformed)
			continue
		}
		at, isNew := a.pod(s.PodRef.Namespace, s.PodRef.Name)
		life := newPodLife(s)
		if isNew {
			lives = append(lives, life)
			continue
		}
		if comparePods(life, lives[at]) > 0 {
			life, lives[at] = lives[at], life
		}
		rejected[sample.OlderLife] += life.known() // the one that was not kept
	}
	for at, s := range lives {
		a.pods[at].UID = s.PodRef.UID
		a.addContainers(at, s.Containers, rejected)
	}
	return a.done()
}

// addContainers adds the containers of one pod; of those with one name, the newest life.
func (a *assembly) addContainers(pod int, stats []containerStats, rejected *sample.Rejections) {
	for _, s := range stats {
		if !isContainer(s.Name) {
			continue
		}
		life := s.usage(rejected)
		at, isNew := a.container(pod, s.Name)
		held := &a.containers[at].Usage
		switch {
		case isNew:
			*held = life
		case compareLives(life, *held) > 0:
			rejected[sample.OlderLife] += known(*held)
			*held = life
		default:
			rejected[sample.OlderLife] += known(life)
		}
	}
}

// podLife is one of the pods that have a name.
type podLife struct {
	podStats
	// newest is the newest life among the containers. It is kept because a name may come any number of times.
	newest sample.Usage
}

func newPodLife(s podStats) podLife {
	life := podLife{podStats: s}
	var unused sample.Rejections
	for _, c := range s.Containers {
		if u := c.usage(&unused); compareLives(u, life.newest) > 0 {
			life.newest = u
		}
	}
	return life
}

// comparePods orders two pods of one name: the one that started later is greater, or else the one with the newest life of
// a container.
func comparePods(a, b podLife) int {
	return cmp.Or(cmp.Compare(a.StartTime.nanos, b.StartTime.nanos), compareLives(a.newest, b.newest))
}

// known is how many readings the pod's containers have.
func (p *podLife) known() (n uint32) {
	for _, c := range p.Containers {
		if isContainer(c.Name) {
			n += c.known()
		}
	}
	return n
}
