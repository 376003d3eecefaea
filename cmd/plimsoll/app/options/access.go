package options

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-base/version"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// The limits of the client of an API server, in requests per second. Plimsoll lists and watches a few resources: the limits only matter where a fault
// repeats requests.
const (
	clientQPS   = 50
	clientBurst = 100
)

// serviceAccountFolder is where the kubelet mounts the credentials of a pod.
const (
	serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
	tokenFile            = "token"
	namespaceFile        = "namespace"
)

// RESTConfig returns the client configuration for an API server. The caller owns it. Token files are read again when they change.
func RESTConfig(a source.Access) (*rest.Config, error) {
	config, err := loadREST(a)
	if err != nil {
		return nil, err
	}
	if a.UseServiceAccount {
		if strings.HasPrefix(config.Host, "http://") {
			return nil, fmt.Errorf("useServiceAccount=true: the token would go unencrypted to %s: give an https:// address", config.Host)
		}
		config = asServiceAccount(config, serviceAccountFolder)
	}
	if a.Insecure {
		config.TLSClientConfig.Insecure = true
		config.TLSClientConfig.CAFile, config.TLSClientConfig.CAData = "", nil
	}
	config.QPS, config.Burst = clientQPS, clientBurst
	config.UserAgent = "plimsoll/" + version.Get().GitVersion
	// Requests are sent in JSON, which every API server accepts: the library does not retry where a server refuses protobuf.
	config.ContentType = runtime.ContentTypeJSON
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	return config, nil
}

func loadREST(a source.Access) (*rest.Config, error) {
	switch {
	case a.InCluster:
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("reach the API server as a pod of its cluster (elsewhere, give --kubeconfig, or auth in the source): %w", err)
		}
		if a.Server != "" {
			config.Host = a.Server
		}
		return config, nil
	case a.Kubeconfig != "":
		config, err := clientcmd.BuildConfigFromFlags(a.Server, a.Kubeconfig)
		if err != nil {
			return nil, fmt.Errorf("reach the API server by the kubeconfig %s: %w", a.Kubeconfig, err)
		}
		return config, nil
	default:
		return &rest.Config{Host: a.Server}, nil
	}
}

// asServiceAccount replaces every other credential by the token in the folder, and trusts the CA there where the configuration names no other.
func asServiceAccount(config *rest.Config, folder string) *rest.Config {
	out := rest.AnonymousClientConfig(config)
	out.BearerTokenFile = filepath.Join(folder, tokenFile)
	ca := filepath.Join(folder, "ca.crt")
	if _, err := os.Stat(ca); err == nil && out.CAFile == "" && len(out.CAData) == 0 && !out.Insecure {
		out.CAFile = ca
	}
	return out
}
