package controlplane

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// nodeMonitorGrace is how long a node may miss heartbeats. It allows for kwok's, which are slow on purpose.
const nodeMonitorGrace = "200s"

func (c *ControlPlane) controllerManager() (program, error) {
	kubeconfig, err := c.KubeconfigFor("system:kube-controller-manager")
	if err != nil {
		return program{}, err
	}
	return program{
		part:  parts.KubeControllerManager,
		ports: 1,
		args: func(ports []int) []string {
			args := append(c.componentArgs(ports[0], kubeconfig),
				"--kubeconfig="+kubeconfig,
				"--leader-elect=false",
				"--use-service-account-credentials",
				"--service-account-private-key-file="+c.pki.keyFile(serviceAccount),
				"--root-ca-file="+c.pki.certFile(clusterCA),
				"--cluster-signing-cert-file="+c.pki.certFile(clusterCA),
				"--cluster-signing-key-file="+c.pki.keyFile(clusterCA),
				"--node-monitor-grace-period="+nodeMonitorGrace,
				"--kube-api-qps=500",
				"--kube-api-burst=1000",
			)
			if c.options.AutoscalerFast {
				args = append(args, fastAutoscaler()...)
			}
			return append(args, c.options.ExtraControllerManagerArgs...)
		},
		ready: c.healthy,
	}, nil
}

func fastAutoscaler() []string {
	return []string{
		"--horizontal-pod-autoscaler-sync-period=2s",
		"--horizontal-pod-autoscaler-downscale-stabilization=5s",
		"--horizontal-pod-autoscaler-initial-readiness-delay=0s",
		"--horizontal-pod-autoscaler-cpu-initialization-period=0s",
	}
}

// schedulerConfig lifts the client's limit of 50 requests a second, which no flag changes with a configuration file.
const schedulerConfig = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection:
  leaderElect: false
clientConnection:
  kubeconfig: %q
  qps: 500
  burst: 1000
`

func (c *ControlPlane) scheduler() (program, error) {
	kubeconfig, err := c.KubeconfigFor("system:kube-scheduler")
	if err != nil {
		return program{}, err
	}
	config := filepath.Join(c.options.Dir, "kube-scheduler.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, schedulerConfig, kubeconfig), 0o600); err != nil {
		return program{}, fmt.Errorf("writing the scheduler's configuration: %w", err)
	}
	return program{
		part:  parts.KubeScheduler,
		ports: 1,
		args: func(ports []int) []string {
			return append(c.componentArgs(ports[0], kubeconfig), "--config="+config)
		},
		ready: c.healthy,
	}, nil
}

// componentArgs are the serving and delegated-authentication flags that the controller manager and the scheduler share.
func (c *ControlPlane) componentArgs(port int, kubeconfig string) []string {
	return []string{
		"--bind-address=" + loopback,
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + c.pki.certFile(serving),
		"--tls-private-key-file=" + c.pki.keyFile(serving),
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--profiling=false",
	}
}

// healthy requests the one path that both serve without credentials.
func (c *ControlPlane) healthy(ports []int) func(context.Context) error {
	return probe("https", ports[0], "/healthz", c.pki.cluster, pair{})
}
