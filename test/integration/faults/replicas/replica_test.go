package replicas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// replica is a pod of Plimsoll that is run as a process.
type replica struct {
	// pod is the pod as it was bound.
	pod     *corev1.Pod
	address string
	program cluster.Program
	// deletion is closed once the pod is to be deleted.
	deletion chan struct{}
	// client sends requests to this replica alone, which is at host. Both are set once the replica has been started.
	client *http.Client
	host   string

	// mu guards what follows.
	mu      sync.Mutex
	current state
}

// state is how far a replica has come.
type state struct {
	// started is when the process was started. deleted is when the pod was found to be deleted, with grace; zero before.
	started, deleted time.Time
	grace            time.Duration
	// ready is the condition of that name, ended is true once the process has ended.
	ready, ended bool
	// firstReady is how long after the start the server was ready by its own account.
	firstReady time.Duration
	// refused is how many lists were refused before, because not all usage was there.
	refused int
}

func newReplica(pod *corev1.Pod, address string, program cluster.Program) *replica {
	return &replica{pod: pod, address: address, program: program, deletion: make(chan struct{})}
}

func (r *replica) state() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

func (r *replica) set(change func(*state)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.current)
}

func (r *replica) markDeleted(graceSeconds int64) {
	r.set(func(s *state) {
		if s.deleted.IsZero() {
			s.deleted, s.grace = time.Now(), time.Duration(graceSeconds)*time.Second
			close(r.deletion)
		}
	})
}

// container is that of the pod; it has only one.
func (r *replica) container() *corev1.Container { return &r.pod.Spec.Containers[0] }

// args are the container's arguments, but for what a pod finds in its file system.
func (r *replica) args(folder string) (args []string) {
	for _, arg := range r.container().Args {
		switch {
		case strings.HasPrefix(arg, "--cert-dir="):
			arg = "--cert-dir=" + folder
		case arg == "--serving-certificate-service="+name:
			arg = "--serving-certificate-service=" + namespace + "/" + name
		}
		args = append(args, arg)
	}
	return append(args, "--tls-cert-file=", "--tls-private-key-file=")
}

// live runs the pod until it is deleted or ctx ends.
func (r *replica) live(ctx context.Context) (err error) {
	if c := r.container(); len(r.pod.Spec.Containers) != 1 || c.Lifecycle != nil || len(c.Ports) != 1 {
		return fmt.Errorf("pod %s has other containers, hooks or ports than this test runs", r.pod.Name)
	}
	server, err := env.LaunchAt(r.program, r.address, int(r.container().Ports[0].ContainerPort), r.args(filepath.Dir(env.KubeletCA()))...)
	if err != nil {
		return err
	}
	r.set(func(s *state) { s.started = time.Now() })
	if err := r.connect(server); err != nil {
		return errors.Join(err, server.Stop())
	}
	defer r.client.CloseIdleConnections()
	probing, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { pods.fail(r.report(ctx)) })
	working.Go(func() { pods.fail(r.watchStart(probing)) })
	working.Go(func() { pods.fail(r.probe(probing)) })
	select {
	case <-r.deletion:
	case <-ctx.Done():
	case <-server.Done():
	}
	err = r.terminate(ctx, server)
	cancel()
	working.Wait()
	return err
}

// terminate sends SIGTERM, and SIGKILL after the grace of the pod, and finishes the deletion.
func (r *replica) terminate(ctx context.Context, server *cluster.Server) error {
	defer r.set(func(s *state) { s.ended = true })
	if server.Ended() {
		return fmt.Errorf("pod %s: %w", r.pod.Name, server.Err())
	}
	if ctx.Err() != nil { // The tests are over.
		return server.Process.Stop(0)
	}
	grace, begin := r.state().grace, time.Now()
	if err := server.Process.Stop(grace); err != nil {
		return fmt.Errorf("pod %s: %w", r.pod.Name, err)
	}
	if took := time.Since(begin); took >= grace || !strings.Contains(server.Err().Error(), "exit status 0") {
		return fmt.Errorf("pod %s was killed, or failed to end, after %s: %w", r.pod.Name, took, server.Err())
	}
	return r.delete(ctx)
}

func (r *replica) delete(ctx context.Context) error {
	err := env.Client.CoreV1().Pods(namespace).Delete(ctx, r.pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64), Preconditions: metav1.NewUIDPreconditions(string(r.pod.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("finish the deletion of pod %s: %w", r.pod.Name, err)
	}
	return nil
}

// report writes the status of the pod.
func (r *replica) report(ctx context.Context) error {
	s, now := r.state(), metav1.Now()
	condition := corev1.ConditionFalse
	if s.ready {
		condition = corev1.ConditionTrue
	}
	pod := r.pod.DeepCopy()
	pod.ResourceVersion = "" // This test alone writes it.
	pod.Status = corev1.PodStatus{
		Phase: corev1.PodRunning, StartTime: &metav1.Time{Time: s.started}, PodIP: r.address, PodIPs: []corev1.PodIP{{IP: r.address}},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: r.container().Name, Image: r.container().Image, ImageID: r.container().Image, ContainerID: "test://" + string(r.pod.UID), Ready: s.ready, Started: new(true),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Time{Time: s.started}}},
		}},
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.PodScheduled, corev1.ContainersReady, corev1.PodReady} {
		c := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now}
		if kind == corev1.ContainersReady || kind == corev1.PodReady {
			c.Status = condition
		}
		pod.Status.Conditions = append(pod.Status.Conditions, c)
	}
	return wait.ExponentialBackoffWithContext(ctx, wait.Backoff{Duration: 50 * time.Millisecond, Factor: 2, Steps: 5}, func(ctx context.Context) (bool, error) {
		_, err := env.Client.CoreV1().Pods(namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
		return err == nil || apierrors.IsNotFound(err), nil
	})
}

// connect makes the client of this replica alone. It does not verify the certificate, as a kubelet does not.
func (r *replica) connect(server *cluster.Server) error {
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		return err
	}
	config.TLSClientConfig.CAData, config.TLSClientConfig.ServerName, config.TLSClientConfig.Insecure = nil, "", true
	r.host = config.Host
	r.client, err = rest.HTTPClientFor(config)
	return err
}
