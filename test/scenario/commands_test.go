package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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
	case verb == "get":
		return w.get(rest[0], out)
	case verb == "why" && len(rest) == 2:
		return w.why(rest[0], rest[1], out)
	default:
		return errUsage
	}
}

func (w *world) serverCommand(o options) error {
	maxAge := defaultMaxAge
	if o.has("max-age") {
		var err error
		if maxAge, err = time.ParseDuration(o["max-age"]); err != nil {
			return fmt.Errorf("max-age: %w", err)
		}
	}
	w.restart(maxAge)
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

// scrape has the node looked at once, and is answered.
func (w *world) scrape(node string, how, body []string) error {
	a, err := w.answer(w.endpoint, node, how, body)
	if err != nil {
		return err
	}
	w.server.kubelets.set(node, w.endpoint.path, a)
	return w.server.scrape(node)
}

func (w *world) answer(e endpoint, node string, how, body []string) (answer, error) {
	o := parseOptions(how)
	a := answer{silent: o.has("fails"), status: http.StatusOK}
	if o.has("status") {
		var err error
		if a.status, err = strconv.Atoi(o["status"]); err != nil {
			return answer{}, fmt.Errorf("a status is a number: %w", err)
		}
	}
	a.body = func() (string, error) {
		text, err := strings.Join(body, "\n")+"\n", error(nil)
		if !o.has("body") {
			text, err = w.render(e, node, body)
		}
		if o.has("cut") {
			text = text[:len(text)-1]
		}
		return text, err
	}
	return a, nil
}

// render turns the lines of a scrape into the answer of a kubelet.
func (w *world) render(e endpoint, node string, lines []string) (string, error) {
	all := make([]subject, len(lines))
	for i, line := range lines {
		var err error
		if all[i], err = parseSubject(line, time.Now()); err != nil {
			return "", err
		}
		if all[i].uid == "" {
			all[i].uid = w.kubeletUIDs[all[i].namespace+"/"+all[i].pod]
		}
	}
	return e.render(node, all)
}
