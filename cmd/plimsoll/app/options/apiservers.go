package options

import (
	"fmt"
	"os"
	"slices"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/address"
)

// APIServers are the addresses and ports of a cluster's API server, at which no kubelet listens: the one in the configuration, and for the home cluster,
// whose name is empty, the one in the environment of the pod.
func APIServers(config *rest.Config, cluster string) ([]address.HostPort, error) {
	at, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("read the API server's address %q: %w", config.Host, err)
	}
	servers := []address.HostPort{{Host: at.Hostname(), Port: port(at.Port(), at.Scheme)}}
	if host := os.Getenv("KUBERNETES_SERVICE_HOST"); host != "" && cluster == "" {
		service := address.HostPort{Host: host, Port: port(os.Getenv("KUBERNETES_SERVICE_PORT"), "https")}
		if !slices.Contains(servers, service) {
			servers = append(servers, service)
		}
	}
	return servers, nil
}

// port parses a port; where that fails, it is the one of the scheme.
func port(text, scheme string) uint16 {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil && n > 0 {
		return uint16(n)
	}
	if scheme == "http" {
		return 80
	}
	return 443
}
