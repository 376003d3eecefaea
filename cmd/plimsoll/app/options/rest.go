package options

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/version"
)

// Plimsoll lists and watches a few resources: these limits only keep a fault from becoming a flood.
const (
	clientQPS   = 50
	clientBurst = 100
)

// RESTConfig returns how to reach the API server: by --kubeconfig, else as the pod that this process runs in. The caller owns it.
func (o *Options) RESTConfig() (*rest.Config, error) {
	config, err := o.loadREST()
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = clientQPS, clientBurst
	config.UserAgent = "plimsoll/" + version.Get().GitVersion
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	return config, nil
}

func (o *Options) loadREST() (*rest.Config, error) {
	if o.Kubeconfig == "" {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("reach the API server as a pod of its cluster (elsewhere, give --kubeconfig): %w", err)
		}
		return config, nil
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reach the API server by --kubeconfig=%s: %w", o.Kubeconfig, err)
	}
	return config, nil
}
