package controlplane

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// Options of a control plane.
type Options struct {
	// Dir is the folder of certificates, kubeconfigs, logs and etcd's data; it must have no other control plane. The caller owns
	// it and removes it. Memory-backed storage is kindest to etcd.
	Dir string
	// Binaries are those of etcd and kube-apiserver, and of what else is requested below.
	Binaries parts.Binaries
	// Log receives one line for each program that is ready; nil discards them.
	Log io.Writer
	// ControllerManager runs kube-controller-manager. Without it the ServiceAccount admission plugin is off, so that
	// pods can be created although no service accounts are made.
	ControllerManager bool
	// Scheduler runs kube-scheduler.
	Scheduler bool
	// AutoscalerFast makes the Horizontal Pod Autoscaler act every 2 seconds and scale down after 5, instead of every
	// 15 seconds and after 5 minutes, and take a pod's CPU seriously from its start.
	AutoscalerFast bool
	// ExtraAPIServerArgs come last on the command line of kube-apiserver, so that they win.
	ExtraAPIServerArgs []string
	// ExtraControllerManagerArgs come last on the command line of kube-controller-manager.
	ExtraControllerManagerArgs []string
	// StartTimeout bounds how long each program may take until it is ready; the default is two minutes.
	StartTimeout time.Duration
	// StopGrace is how long a program may take to end before it is killed; the default is ten seconds.
	StopGrace time.Duration
}

// complete returns the options with their defaults, or everything that is wrong with them.
func (o Options) complete() (Options, error) {
	var errs []error
	for part, wanted := range map[parts.Part]bool{
		parts.Etcd:                  true,
		parts.KubeAPIServer:         true,
		parts.KubeControllerManager: o.ControllerManager,
		parts.KubeScheduler:         o.Scheduler,
	} {
		if wanted && o.Binaries[part] == "" {
			errs = append(errs, fmt.Errorf("the binary of %s is missing; build it with package parts", part))
		}
	}
	if o.AutoscalerFast && !o.ControllerManager {
		errs = append(errs, errors.New("AutoscalerFast needs ControllerManager, where the autoscaler runs"))
	}
	dir, err := ownDir(o.Dir)
	if err != nil {
		errs = append(errs, err)
	}
	o.Dir = dir
	if o.Log == nil {
		o.Log = io.Discard
	}
	o.StartTimeout = cmp.Or(o.StartTimeout, 2*time.Minute)
	o.StopGrace = cmp.Or(o.StopGrace, 10*time.Second)
	return o, errors.Join(errs...)
}

// ownDir makes the folder absolute, because the programs get paths inside it, and refuses one that is in use.
func ownDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("a control plane needs a folder of its own, and none was given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("making the control plane's folder absolute: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "etcd")); err == nil {
		return "", fmt.Errorf("the folder %s already holds a control plane; give an empty one", dir)
	}
	return dir, nil
}
