package options

import (
	"fmt"
	"net/url"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// APIServers are the addresses of a cluster's API server, at which no node has its kubelet: the one that Plimsoll uses, at that port, and the
// Service that a pod knows from its environment, at every port.
func APIServers(config *rest.Config, env func(string) string) ([]target.Endpoint, error) {
	at, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("read the API server's address %q: %w", config.Host, err)
	}
	endpoints := []target.Endpoint{{Host: at.Hostname(), Port: portOf(at)}}
	if service := env("KUBERNETES_SERVICE_HOST"); service != "" {
		endpoints = append(endpoints, target.Endpoint{Host: service})
	}
	return endpoints, nil
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
