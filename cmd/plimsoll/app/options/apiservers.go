package options

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// APIServers are the addresses of a cluster's API server, each with its port, at which no node has its kubelet: the one that Plimsoll uses, and
// the one that a pod knows from its environment. The latter is the pod's own cluster's: for another cluster env finds nothing.
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

// servicePort reads the port of the environment; without one that can be read it is that of HTTPS.
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
