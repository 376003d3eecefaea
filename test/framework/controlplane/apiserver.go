package controlplane

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// The Services' addresses; nothing routes them.
const (
	serviceCIDR = "10.96.0.0/16"
	serviceIP   = "10.96.0.1"
)

// apiServer stores in the etcd that listens on a port.
func (c *ControlPlane) apiServer(etcdPort int) (program, error) {
	admin, err := c.pki.cluster.client(adminUser, adminGroup)
	if err != nil {
		return program{}, err
	}
	return program{
		part:  parts.KubeAPIServer,
		ports: 1,
		args: func(ports []int) []string {
			args := append(c.storageArgs(etcdPort), c.identityArgs()...)
			args = append(args, c.aggregationArgs()...)
			args = append(args,
				"--bind-address="+loopback,
				fmt.Sprintf("--secure-port=%d", ports[0]),
				// A loopback address may not be in an Endpoints object, so none is written for the API server.
				"--advertise-address="+loopback,
				"--endpoint-reconciler-type=none",
				"--service-cluster-ip-range="+serviceCIDR,
				"--allow-privileged",
				"--profiling=false",
				// Fleets write in bursts, and no other client needs to be protected from them.
				"--max-requests-inflight=3000",
				"--max-mutating-requests-inflight=1000",
			)
			if !c.options.ControllerManager {
				args = append(args, "--disable-admission-plugins=ServiceAccount")
			}
			return append(args, c.options.ExtraAPIServerArgs...)
		},
		ready: func(ports []int) func(context.Context) error {
			return probe("https", ports[0], "/readyz", c.pki.cluster, admin)
		},
	}, nil
}

func (c *ControlPlane) storageArgs(etcdPort int) []string {
	return []string{
		"--etcd-servers=" + endpoint(etcdPort),
		"--etcd-cafile=" + c.pki.certFile(etcdCA),
		"--etcd-certfile=" + c.pki.certFile(etcdClient),
		"--etcd-keyfile=" + c.pki.keyFile(etcdClient),
	}
}

func (c *ControlPlane) identityArgs() []string {
	return []string{
		"--tls-cert-file=" + c.pki.certFile(serving),
		"--tls-private-key-file=" + c.pki.keyFile(serving),
		"--client-ca-file=" + c.pki.certFile(clusterCA),
		// Real kubelets require it from a client of logs, commands and forwarded ports.
		"--kubelet-client-certificate=" + c.pki.certFile(kubeletClient),
		"--kubelet-client-key=" + c.pki.keyFile(kubeletClient),
		"--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.pki.certFile(serviceAccount),
		"--service-account-signing-key-file=" + c.pki.keyFile(serviceAccount),
	}
}

// aggregationArgs turn the aggregator on: how the API server authenticates to the servers behind it, and the headers in
// which it names the caller.
func (c *ControlPlane) aggregationArgs() []string {
	return []string{
		"--proxy-client-cert-file=" + c.pki.certFile(frontProxyClient),
		"--proxy-client-key-file=" + c.pki.keyFile(frontProxyClient),
		"--requestheader-client-ca-file=" + c.pki.certFile(frontProxyCA),
		"--requestheader-allowed-names=" + frontProxyName,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-uid-headers=X-Remote-Uid",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
	}
}
