//go:build linux

package realnode

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// kubeletGrace is how long the kubelet may take to end.
const kubeletGrace = 20 * time.Second

// Certificate is what the kubelet proves itself with to its clients.
type Certificate int

const (
	// SelfSigned is the kubelet's default: a certificate that it signs itself, for its name and no address.
	SelfSigned Certificate = iota
	// SignedByCluster is requested from the cluster and must be approved: see Node.ApproveCertificate.
	SignedByCluster
)

// StartKubelet starts the kubelet, or starts it again after StopKubelet, and returns when the Node is ready.
func (n *Node) StartKubelet(ctx context.Context, certificate Certificate) error {
	begin := time.Now()
	config, err := n.writeKubeletConfig(certificate)
	if err != nil {
		return err
	}
	n.starts++
	n.kubelet, err = process.Start(process.Options{
		Name: fmt.Sprintf("%s-%d", parts.Kubelet, n.starts), Dir: n.options.Dir, Binary: n.options.Binaries[parts.Kubelet],
		Args: []string{
			"--config=" + config, "--kubeconfig=" + n.kubeconfig, "--hostname-override=" + n.options.Name, "--node-ip=" + Address,
			"--root-dir=" + n.path("kubelet"), "--cert-dir=" + n.path("kubelet-certificates"), "--v=2",
		},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := n.kubelet.WaitReady(ctx, n.ready(begin)); err != nil {
		return err
	}
	n.progress("the kubelet of %s is ready after %s", n.options.Name, time.Since(begin).Round(time.Second/10))
	return nil
}

// StopKubelet ends the kubelet alone: its containers go on.
func (n *Node) StopKubelet() error {
	if n.kubelet == nil {
		return nil
	}
	k := n.kubelet
	n.kubelet = nil
	return k.Stop(kubeletGrace)
}

// ready wants a Node whose readiness this very kubelet has reported.
func (n *Node) ready(begin time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		node, err := n.client.CoreV1().Nodes().Get(ctx, n.options.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, c := range node.Status.Conditions {
			// Times have whole seconds.
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue && !c.LastHeartbeatTime.Time.Before(begin.Truncate(time.Second)) {
				return nil
			}
		}
		return fmt.Errorf("the node is not ready: %v", node.Status.Conditions)
	}
}

func (n *Node) writeKubeletConfig(certificate Certificate) (path string, err error) {
	content, err := yaml.Marshal(n.kubeletConfig(certificate))
	if err != nil {
		return "", fmt.Errorf("encode the kubelet's configuration: %w", err)
	}
	path = n.path("kubelet.yaml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", fmt.Errorf("write the kubelet's configuration: %w", err)
	}
	return path, nil
}

// kubeletConfig keeps to the defaults but where the machine is small, shared, or without a service manager.
func (n *Node) kubeletConfig(certificate Certificate) kubeletv1beta1.KubeletConfiguration {
	yes, no, empty := true, false, ""
	c := kubeletv1beta1.KubeletConfiguration{
		TypeMeta:                 metav1.TypeMeta{APIVersion: kubeletv1beta1.SchemeGroupVersion.String(), Kind: "KubeletConfiguration"},
		Address:                  Address,
		ContainerRuntimeEndpoint: "unix://" + n.options.Socket,
		CgroupDriver:             "cgroupfs",
		CgroupRoot:               n.options.Cgroup,
		EnforceNodeAllocatable:   []string{"none"},
		FailSwapOn:               &no,
		FailCgroupV1:             &no,
		MakeIPTablesUtilChains:   &no,
		ServerTLSBootstrap:       certificate == SignedByCluster,
		RotateCertificates:       false,
		PodLogsDir:               n.path("pod-logs"),
		VolumePluginDir:          n.path("volume-plugins"),
		ResolverConfig:           &empty,
		HealthzPort:              new(int32),
		// A machine that is nearly full is no reason to evict what is tested.
		EvictionHard: map[string]string{"memory.available": "50Mi", "nodefs.available": "1%", "nodefs.inodesFree": "1%", "imagefs.available": "1%"},
		// Restarts are waited for.
		NodeStatusReportFrequency: metav1.Duration{Duration: 10 * time.Second},
	}
	c.Authentication.Webhook.Enabled = &yes
	c.Authentication.Anonymous.Enabled = &no
	c.Authentication.X509.ClientCAFile = n.options.Plane.CAFile()
	c.Authorization.Mode = kubeletv1beta1.KubeletAuthorizationModeWebhook
	return c
}
