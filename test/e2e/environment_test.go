//go:build linux

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

const (
	loadImage = "docker.io/plimsoll/load:e2e"
	// serverImage is the image that manifests/base names.
	serverImage = "docker.io/plimsoll/plimsoll:v0.1.0"
	// consumerImage is the one of the pods of metrics-server's suite. Only a public registry has it; load stands in for its programs.
	consumerImage = "registry.k8s.io/e2e-test-images/resource-consumer:1.9"
	// resolution is the one that manifests/base gives.
	resolution = 15 * time.Second
	namespace  = "shop"
)

// environment is a cluster of one real node, with Plimsoll in it.
type environment struct {
	dir     string
	plane   *controlplane.ControlPlane
	node    *realnode.Node
	client  kubernetes.Interface
	metrics metricsclient.Interface
}

// start brings a cluster up whose containerd listens on a socket. When the test ends it takes all down and fails the test if
// anything is left.
func start(t *testing.T, socket string) *environment {
	t.Helper()
	env := &environment{dir: filepath.Join(os.Getenv(dirVariable), strings.ToLower(t.Name()))}
	binaries, err := parts.Ensure(t.Context(), os.Stderr, slices.Concat(parts.All(), parts.Node())...)
	must(t, err)
	cgroup := os.Getenv(cgroupVariable)
	before, err := realnode.Survey(cgroup)
	must(t, err)
	t.Cleanup(func() { nothingLeft(t, before, cgroup) })
	must(t, os.MkdirAll(env.dir, 0o755))
	env.plane, err = controlplane.Start(t.Context(), controlplane.Options{
		Dir: filepath.Join(env.dir, "controlplane"), Binaries: binaries, Log: os.Stderr,
		ControllerManager: true, Scheduler: true, AutoscalerFast: true, ExtraAPIServerArgs: realnode.APIServerArgs(),
	})
	must(t, err)
	t.Cleanup(func() { check(t, env.plane.Stop()) })
	env.client, err = kubernetes.NewForConfig(env.plane.AdminConfig())
	must(t, err)
	env.metrics, err = metricsclient.NewForConfig(env.plane.AdminConfig())
	must(t, err)
	env.node, err = realnode.Start(t.Context(), realnode.Options{
		Dir: filepath.Join(env.dir, "node"), Cgroup: cgroup, Plane: env.plane, Binaries: binaries, Socket: socket, Log: os.Stderr,
	}, images()...)
	must(t, err)
	t.Cleanup(func() {
		progress("taking the node down")
		check(t, env.node.Stop())
	})
	_, err = env.client.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	must(t, err)
	return env
}

func images() []realnode.Image {
	dir := os.Getenv(dirVariable)
	return []realnode.Image{
		{Name: realnode.PauseImage, Binary: filepath.Join(dir, "pause")},
		{Name: loadImage, Binary: filepath.Join(dir, "load")},
		{Name: serverImage, Binary: filepath.Join(dir, "plimsoll"), Links: []string{"metrics-server"}, User: "65532:65532"},
		{Name: consumerImage, Binary: filepath.Join(dir, "load"), Links: []string{"consume-cpu/consume-cpu", "usr/bin/stress"}},
	}
}

// nothingLeft compares the surroundings with those before the node, in the namespaces that the node was in.
func nothingLeft(t *testing.T, before realnode.Surroundings, cgroup string) {
	t.Helper()
	after, err := realnode.Survey(cgroup)
	check(t, err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something is left (-before +after):\n%s", diff)
	}
}

// kubectl runs as the administrator.
func (env *environment) kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	return cluster.Kubectl(ctx, env.plane, env.dir, stdin, args...)
}

// apply creates the objects of a YAML text.
func (env *environment) apply(t *testing.T, text string) {
	t.Helper()
	_, err := env.kubectl(t.Context(), text, "apply", "-f", "-")
	must(t, err)
}

func (env *environment) pod(ctx context.Context, name string) (*corev1.Pod, error) {
	return env.client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
}

// podMetrics returns the usage of a pod through the API server.
func (env *environment) podMetrics(ctx context.Context, name string) (*v1beta1.PodMetrics, error) {
	return env.metrics.MetricsV1beta1().PodMetricses(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (env *environment) nodeMetrics(ctx context.Context) (*v1beta1.NodeMetrics, error) {
	return env.metrics.MetricsV1beta1().NodeMetricses().Get(ctx, env.node.Name(), metav1.GetOptions{})
}

// containers are the names in a response.
func containers(m *v1beta1.PodMetrics) []string {
	var names []string
	for _, c := range m.Containers {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

// progress prints the current step.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
