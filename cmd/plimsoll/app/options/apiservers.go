package options

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// APIServers are the addresses and ports of a cluster's API server, at which no kubelet listens: the one in the configuration, and the one in the
// environment of a pod. The environment is about the pod's own cluster: for another cluster env must return nothing.
func APIServers(config *rest.Config, env func(string) string) ([]target.Endpoint, error) {
	at, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("read the API server's address %q: %w", config.Host, err)
	}
	endpoints := []target.Endpoint{{Host: at.Hostname(), Port: portOf(at)}}
	if host := env("KUBERNETES_SERVICE_HOST"); host != "" {
		service := target.Endpoint{Host: host, Port: servicePort(env("KUBERNETES_SERVICE_PORT"))}
		if !slices.Contains(endpoints, service) {
			endpoints = append(endpoints, service)
		}
	}
	return endpoints, nil
}

// servicePort parses the port of the environment; where that fails, it is the port of https.
func servicePort(text string) uint16 {
	if port, err := strconv.ParseUint(text, 10, 16); err == nil && port > 0 {
		return uint16(port)
	}
	return 443
}

func portOf(at *url.URL) uint16 {
	if port, err := strconv.ParseUint(at.Port(), 10, 16); err == nil {
		return uint16(port)
	}
	if at.Scheme == "http" {
		return 80
	}
	return 443
}
