package controlplane

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// stages is kwok's configuration.
//
//go:embed kwok.yaml
var stages []byte

// AnnotationRunByTest is the annotation of pods that kwok leaves alone: a test runs them, reports their status and finishes their deletion.
const AnnotationRunByTest = "plimsoll.dev/run-by-test"

// podCIDR has the addresses that kwok assigns to pods; nothing routes them.
const podCIDR = "10.128.0.0/9"

// StartKwok starts kwok for the Nodes that match a label selector, now and later. It makes them Ready and renews their
// leases, runs the pods that are bound to them, and finishes their deletion. A Node has to be created with the addresses,
// ports and capacity that it shall have, because kwok adds none. Stop ends it.
func (c *ControlPlane) StartKwok(ctx context.Context, nodeSelector string) error {
	if c.options.Binaries[parts.Kwok] == "" {
		return errors.New("the binary of kwok is missing; build it with package parts")
	}
	if nodeSelector == "" {
		return errors.New("kwok needs a label selector of the nodes that it plays; give one that matches the simulated nodes alone")
	}
	config := filepath.Join(c.options.Dir, "kwok.yaml")
	if err := os.WriteFile(config, stages, 0o600); err != nil {
		return fmt.Errorf("writing kwok's configuration: %w", err)
	}
	kubeconfig, err := c.KubeconfigFor("kwok", adminGroup)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, c.kwok(config, kubeconfig, nodeSelector))
	return err
}

func (c *ControlPlane) kwok(config, kubeconfig, nodeSelector string) program {
	return program{
		part:  parts.Kwok,
		ports: 1,
		args: func(ports []int) []string {
			return []string{
				"--config=" + config,
				"--kubeconfig=" + kubeconfig,
				"--manage-nodes-with-label-selector=" + nodeSelector,
				"--cidr=" + podCIDR,
				fmt.Sprintf("--server-address=%s:%d", loopback, ports[0]),
				"-v=WARN",
			}
		},
		ready: func(ports []int) func(context.Context) error {
			return probe("http", ports[0], "/healthz", nil, pair{})
		},
	}
}
