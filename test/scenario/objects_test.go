package scenario

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// options are words of the form key=value; a word without a value is there and empty.
type options map[string]string

func parseOptions(words []string) options {
	o := options{}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		o[key] = value
	}
	return o
}

func (o options) has(key string) bool { _, ok := o[key]; return ok }

// number is what an option counts; without the option it is the usual number.
func (o options) number(key string, usual int) (int, error) {
	if !o.has(key) {
		return usual, nil
	}
	n, err := strconv.Atoi(o[key])
	if err != nil {
		return 0, fmt.Errorf("%s is a number: %w", key, err)
	}
	return n, nil
}

// newPod makes a Pod of "namespace/name on node word...".
func newPod(words []string) (*corev1.Pod, error) {
	namespace, name, ok := strings.Cut(words[0], "/")
	if !ok || len(words) < 3 || words[1] != "on" {
		return nil, fmt.Errorf("a pod reads: pod ns/name on node app:a")
	}
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.PodSpec{NodeName: strings.TrimPrefix(words[2], "-")}, // "-" is no node
	}
	var rest []string
	for _, word := range words[3:] {
		if kind, container, ok := strings.Cut(word, ":"); ok && !strings.Contains(kind, "=") {
			if err := addContainer(p, kind, container); err != nil {
				return nil, err
			}
			continue
		}
		rest = append(rest, word)
	}
	return p, describePod(p, parseOptions(rest))
}

func describePod(p *corev1.Pod, o options) error {
	p.UID = types.UID(cmp.Or(o["uid"], "u"))
	p.Status.Phase = corev1.PodPhase(cmp.Or(o["phase"], string(corev1.PodRunning)))
	if o.has("static") {
		p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: o["static"]}
	}
	if o.has("terminating") {
		p.DeletionTimestamp = &metav1.Time{Time: beginning}
		p.Finalizers = []string{"scenario/keep"}
	}
	p.Spec.RestartPolicy = corev1.RestartPolicy(o["restart"])
	if o.has("created") {
		created, err := parseMoment(o["created"], time.Now())
		p.CreationTimestamp = metav1.NewTime(time.UnixMilli(created.ms))
		return err
	}
	return nil
}
