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
)

var errUsage = errors.New("no such command: the head of scenario_test.go lists all")

// do runs one command, waits for what it leads to, and appends what is printed to out.
func (w *world) do(c command, out *strings.Builder) error {
	if err := w.run(c, out); err != nil {
		return err
	}
	settle()
	news, err := w.server.news()
	out.WriteString(news)
	return err
}

func (w *world) run(c command, out *strings.Builder) error {
	words := strings.Fields(c.line)
	verb, rest := words[0], words[1:]
	switch {
	case verb == "endpoint":
		return nil
	case len(rest) == 0:
		return errUsage
	case verb == "server":
		return w.serverCommand(parseOptions(rest))
	case verb == "clock":
		return w.clock(rest[0])
	case verb == "node":
		return w.setNode(rest)
	case verb == "pod":
		return w.setPod(rest)
	case verb == "delete" && len(rest) == 2:
		return w.remove(rest[0], rest[1])
	case verb == "scrape":
		return w.scrape(rest[0], rest[1:], c.body)
	case verb == "again":
		return w.again(rest[0], rest[1:], c.body)
	case verb == "summary" || verb == "disks":
		return w.further(verb, rest[0], rest[1:], c.body)
	case verb == "rates":
		return w.rates(rest[0], rest[1:], c.body)
	case verb == "get":
		return w.get(rest[0], out)
	case verb == "why" && len(rest) == 2:
		return w.why(rest[0], rest[1], out)
	default:
		return errUsage
	}
}

func (w *world) serverCommand(o options) error {
	c := serverConfig{maxAge: defaultMaxAge, swap: o.has("swap"), disks: o.has("ephemeral-storage")}
	if o.has("max-age") {
		var err error
		if c.maxAge, err = time.ParseDuration(o["max-age"]); err != nil {
			return fmt.Errorf("max-age: %w", err)
		}
	}
	w.restart(c)
	return nil
}

func (w *world) clock(step string) error {
	d, err := time.ParseDuration(step)
	if err != nil || d <= 0 {
		return fmt.Errorf("a step of the clock reads +15s: %w", err)
	}
	time.Sleep(d)
	return nil
}

func (w *world) setNode(words []string) error {
	n, err := newNode(words)
	if err != nil {
		return err
	}
	api := w.client.CoreV1().Nodes()
	return createOrUpdate(w.t.Context(), n, api.Create, api.Update)
}

func (w *world) setPod(words []string) error {
	p, err := newPod(words)
	if err != nil {
		return err
	}
	w.kubeletUIDs[words[0]] = string(p.UID)
	if hash := p.Annotations[corev1.MirrorPodAnnotationKey]; hash != "" {
		w.kubeletUIDs[words[0]] = hash
	}
	api := w.client.CoreV1().Pods(p.Namespace)
	return createOrUpdate(w.t.Context(), p, api.Create, api.Update)
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

func (w *world) remove(kind, name string) error {
	namespace, pod, _ := strings.Cut(name, "/")
	switch kind {
	case "node":
		return w.client.CoreV1().Nodes().Delete(w.t.Context(), name, metav1.DeleteOptions{})
	case "pod":
		return w.client.CoreV1().Pods(namespace).Delete(w.t.Context(), pod, metav1.DeleteOptions{})
	default:
		return errUsage
	}
}
