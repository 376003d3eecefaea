package controlplane

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// etcd uses TLS with an authority of its own: loopback is open to every user of the machine, and who reaches etcd is
// above the cluster's RBAC. Data is not flushed to the disk, since it need not survive the machine.
func (c *ControlPlane) etcd() (program, error) {
	client, err := c.pki.etcd.client("probe")
	if err != nil {
		return program{}, err
	}
	return program{
		part:  parts.Etcd,
		ports: 2,
		args: func(ports []int) []string {
			return append(c.etcdTLS(),
				"--name=etcd",
				"--data-dir="+filepath.Join(c.options.Dir, "etcd"),
				"--listen-client-urls="+endpoint(ports[0]),
				"--advertise-client-urls="+endpoint(ports[0]),
				"--listen-peer-urls="+endpoint(ports[1]),
				"--initial-advertise-peer-urls="+endpoint(ports[1]),
				"--initial-cluster=etcd="+endpoint(ports[1]),
				"--unsafe-no-fsync",
				// Enough for a fleet of thousands of nodes.
				"--quota-backend-bytes=8589934592",
				"--log-level=warn",
			)
		},
		ready: func(ports []int) func(context.Context) error {
			return probe("https", ports[0], "/readyz", c.pki.etcd, client)
		},
	}, nil
}

// etcdTLS uses one certificate for clients and for the peers that a cluster of one never meets.
func (c *ControlPlane) etcdTLS() []string {
	return []string{
		"--cert-file=" + c.pki.certFile(etcdServer),
		"--key-file=" + c.pki.keyFile(etcdServer),
		"--trusted-ca-file=" + c.pki.certFile(etcdCA),
		"--client-cert-auth",
		"--peer-cert-file=" + c.pki.certFile(etcdServer),
		"--peer-key-file=" + c.pki.keyFile(etcdServer),
		"--peer-trusted-ca-file=" + c.pki.certFile(etcdCA),
		"--peer-client-cert-auth",
	}
}

// endpoint is the URL of a program that listens on a port.
func endpoint(port int) string { return fmt.Sprintf("https://%s:%d", loopback, port) }
