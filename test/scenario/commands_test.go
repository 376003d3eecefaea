package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

var errUsage = errors.New("no such command: the package comment in scenario_test.go lists all")

// do runs one command, waits until its effects have ended, and appends the output to out.
func (s *simulation) do(c command, out *strings.Builder) error {
	if err := s.run(c, out); err != nil {
		return err
	}
	settle()
	counts, err := s.server.counts()
	out.WriteString(counts)
	return err
}

func (s *simulation) run(c command, out *strings.Builder) error {
	words := strings.Fields(c.line)
	verb, rest := words[0], words[1:]
	switch {
	case verb == "endpoint":
		return nil
	case len(rest) == 0:
		return errUsage
	case verb == "server":
		return s.serverCommand(parseOptions(rest))
	case verb == "clock":
		return s.clock(rest[0])
	case verb == "node":
		return s.setNode(rest)
	case verb == "pod":
		return s.setPod(rest)
	case verb == "delete" && len(rest) == 2:
		return s.remove(rest[0], rest[1])
	case verb == "scrape":
		return s.scrape(rest[0], rest[1:], c.body)
	case verb == "followup":
		return s.followUp(rest[0], rest[1:], c.body)
	case verb == "summary" || verb == "pressure" || verb == "disks":
		return s.further(verb, rest[0], rest[1:], c.body)
	case verb == "rates":
		return s.rates(rest[0], rest[1:], c.body)
	case verb == "list" && rest[0] == "pods":
		return s.listPods()
	case verb == "get":
		return s.get(rest[0], out)
	case verb == "why" && len(rest) == 2:
		return s.why(rest[0], rest[1], out)
	default:
		return errUsage
	}
}

func (s *simulation) serverCommand(o options) error {
	c := serverConfig{maxAge: defaultMaxAge, latePods: o.has("late-pods")}
	for _, flag := range sample.AllResources.Flags() {
		if o.has(flag) {
			resources, err := sample.ParseResources([]string{flag})
			if err != nil {
				return err
			}
			c.extra |= resources
		}
	}
	if o.has("max-age") {
		var err error
		if c.maxAge, err = time.ParseDuration(o["max-age"]); err != nil {
			return fmt.Errorf("max-age: %w", err)
		}
	}
	s.restart(c)
	return nil
}

func (s *simulation) clock(step string) error {
	d, err := time.ParseDuration(step)
	if err != nil || d <= 0 {
		return fmt.Errorf("a step of the clock reads +15s: %w", err)
	}
	time.Sleep(d)
	return nil
}

func (s *simulation) setNode(words []string) error {
	n, err := newNode(words)
	if err != nil {
		return err
	}
	api := s.client.CoreV1().Nodes()
	return createOrUpdate(s.t.Context(), n, api.Create, api.Update)
}

func (s *simulation) setPod(words []string) error {
	p, err := newPod(words)
	if err != nil {
		return err
	}
	s.kubeletUIDs[words[0]] = string(p.UID)
	if hash := p.Annotations[corev1.MirrorPodAnnotationKey]; hash != "" {
		s.kubeletUIDs[words[0]] = hash
	}
	api := s.client.CoreV1().Pods(p.Namespace)
	return createOrUpdate(s.t.Context(), p, api.Create, api.Update)
}

func createOrUpdate[T any](ctx context.Context, object T,
	create func(context.Context, T, metav1.CreateOptions) (T, error),
	update func(context.Context, T, metav1.UpdateOptions) (T, error),
) error {
	_, err := create(ctx, object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = update(ctx, object, metav1.UpdateOptions{})
	}
	return err
}

func (s *simulation) remove(kind, name string) error {
	namespace, pod, _ := strings.Cut(name, "/")
	switch kind {
	case "node":
		return s.client.CoreV1().Nodes().Delete(s.t.Context(), name, metav1.DeleteOptions{})
	case "pod":
		return s.client.CoreV1().Pods(namespace).Delete(s.t.Context(), pod, metav1.DeleteOptions{})
	default:
		return errUsage
	}
}
