//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const serverNamespace = "plimsoll-system"

// install applies manifests/base as it is, with components of manifests, and waits until the new server alone serves.
func (env *environment) install(t *testing.T, components ...string) {
	t.Helper()
	begin := time.Now()
	env.applyManifests(t, components...)
	env.awaitServer(t)
	progress("plimsoll is installed with %v after %s", components, time.Since(begin).Round(time.Second/10))
}

// awaitServer waits until what was applied is rolled out, and the new server alone serves.
func (env *environment) awaitServer(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"rollout", "status", "--namespace", serverNamespace, "deployment/plimsoll", "--timeout=90s"},
		{"wait", "--for=condition=Available", "--timeout=30s", "apiservice/v1.metrics.k8s.io", "apiservice/v1beta1.metrics.k8s.io"},
	} {
		_, err := env.kubectl(t.Context(), "", args...)
		must(t, err)
	}
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		_, err := env.server(ctx)
		return err
	})
}

// applyManifests writes the overlay that a user would, and applies it.
func (env *environment) applyManifests(t *testing.T, components ...string) {
	t.Helper()
	text := "resources: [MANIFESTS/base]\ncomponents: ["
	for _, c := range components {
		text += "MANIFESTS/components/" + c + ", "
	}
	env.applyOverlay(t, text+"]\n")
}

// applyOverlay applies an overlay, in which MANIFESTS is the folder of the manifests.
func (env *environment) applyOverlay(t *testing.T, text string) {
	t.Helper()
	folder, err := filepath.Abs("../../manifests")
	must(t, err)
	overlay := t.TempDir()
	relative, err := filepath.Rel(overlay, folder)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(strings.ReplaceAll(text, "MANIFESTS", relative)), 0o600))
	_, err = env.kubectl(t.Context(), "", "apply", "-k", overlay)
	must(t, err)
}

// server is the one pod of Plimsoll.
func (env *environment) server(ctx context.Context) (*corev1.Pod, error) {
	list, err := env.client.CoreV1().Pods(serverNamespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(list.Items) != 1 {
		return nil, fmt.Errorf("plimsoll has %d pods, want one", len(list.Items))
	}
	return &list.Items[0], nil
}

// serverLog is all that Plimsoll's one pod has logged, read where the container runtime writes it.
func (env *environment) serverLog(ctx context.Context) (string, error) {
	pod, err := env.server(ctx)
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(env.dir, "node", "pod-logs", "*"+string(pod.UID), "*", "*.log"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("find the log of %s: %w", pod.Name, errors.Join(err, os.ErrNotExist))
	}
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the log of %s: %w", pod.Name, err)
		}
		all.Write(content)
	}
	return all.String(), nil
}

// direct is a client of Plimsoll's one pod, without the Service: the pod serves before it is ready.
func (env *environment) direct(ctx context.Context) (metricsclient.Interface, error) {
	pod, err := env.server(ctx)
	if err != nil {
		return nil, err
	}
	config := env.plane.AdminConfig()
	config.Host = "https://" + net.JoinHostPort(pod.Status.PodIP, "10250")
	// The server has made its certificate itself.
	config.TLSClientConfig.CAData, config.TLSClientConfig.Insecure = nil, true
	return metricsclient.NewForConfig(config)
}
