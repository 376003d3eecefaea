package framework

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

func TestControlPlane(t *testing.T) {
	built := binaries(t, parts.Etcd, parts.KubeAPIServer, parts.KubeControllerManager, parts.KubeScheduler, parts.Kubectl, parts.Kwok)
	c := start(t, controlplane.Options{
		Binaries:          built,
		ControllerManager: true,
		Scheduler:         true,
		AutoscalerFast:    true,
	})
	if err := c.StartKwok(t.Context(), simulated+"=true"); err != nil {
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(c.AdminConfig())
	t.Run("the version is that of the module", func(t *testing.T) { checkVersion(t, c, client, built[parts.KubeAPIServer]) })
	t.Run("pods run and go on simulated nodes", func(t *testing.T) { checkNodesAndPods(t, client) })
	t.Run("certificates are users", func(t *testing.T) { checkUsers(t, c) })
	t.Run("aggregated servers are reached and trusted", func(t *testing.T) { checkAggregation(t, c, client) })

	pids := make([]int, 0, len(c.Processes()))
	for _, p := range c.Processes() {
		pids = append(pids, p.PID())
	}
	if len(pids) != 5 {
		t.Errorf("%d processes, want 5", len(pids))
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids {
		if process.Alive(pid) {
			t.Errorf("process %d outlives Stop", pid)
		}
	}
}

// Without a controller manager no service accounts are made, and pods are accepted all the same.
func TestControlPlaneOfTwo(t *testing.T) {
	c := start(t, controlplane.Options{Binaries: binaries(t, parts.Etcd, parts.KubeAPIServer)})
	client := kubernetes.NewForConfigOrDie(c.AdminConfig())
	if _, err := client.CoreV1().Pods(metav1.NamespaceDefault).Create(t.Context(), testPod(0), metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(c.Processes()[1].PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "kube-apiserver ended by itself: signal: killed") {
		t.Errorf("waiting for a program that was killed: %v", err)
	}
	if err := c.Stop(); err == nil {
		t.Error("Stop does not report that a program had ended")
	}
}

func TestControlPlaneThatCannotStart(t *testing.T) {
	_, err := controlplane.Start(t.Context(), controlplane.Options{
		Dir:                t.TempDir(),
		Binaries:           binaries(t, parts.Etcd, parts.KubeAPIServer),
		ExtraAPIServerArgs: []string{"--no-such-flag"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"kube-apiserver ended before it was ready", "kube-apiserver.log", "unknown flag: --no-such-flag"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not contain %q:\n%v", want, err)
		}
	}
}

func checkVersion(t *testing.T, c *controlplane.ControlPlane, client kubernetes.Interface, binary string) {
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(binary, version.GitVersion+"-") {
		t.Errorf("server calls itself %s", version.GitVersion)
	}
	out, err := exec.CommandContext(t.Context(), c.Kubectl(), "--kubeconfig", c.AdminKubeconfig(), "version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Client Version: "+version.GitVersion) {
		t.Errorf("kubectl version: %v\n%s", err, out)
	}
}

func checkUsers(t *testing.T, c *controlplane.ControlPlane) {
	config, err := c.ConfigFor("ann", "readers")
	if err != nil {
		t.Fatal(err)
	}
	ann := kubernetes.NewForConfigOrDie(config)
	review, err := ann.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	info := review.Status.UserInfo
	if diff := cmp.Diff([]string{"ann", "readers", "system:authenticated"}, append([]string{info.Username}, info.Groups...)); diff != "" {
		t.Errorf("user and groups (-want +got):\n%s", diff)
	}
	if _, err := ann.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing nodes without rights: %v", err)
	}
}

func start(t *testing.T, o controlplane.Options) *controlplane.ControlPlane {
	t.Helper()
	o.Dir, o.Log = t.TempDir(), t.Output()
	c, err := controlplane.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() }) // Each test checks its own Stop; this one is for tests that fail before it.
	return c
}

// binaries builds what is missing; the first time takes minutes, and standard error shows that it goes on.
func binaries(t *testing.T, names ...parts.Part) parts.Binaries {
	t.Helper()
	b, err := parts.Ensure(t.Context(), os.Stderr, names...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
