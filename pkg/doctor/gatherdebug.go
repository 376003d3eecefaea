package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"k8s.io/client-go/rest"
)

// NodeState is what the checks need of the state of a node as Plimsoll's path /debug/nodes has it.
type NodeState struct {
	// Cluster is empty for the home cluster.
	Cluster string `json:"cluster"`
	Node    string `json:"node"`
	// Served is true where usage of the node is served, also while scrapes of it fail.
	Served bool `json:"served"`
	// Code is why the newest scrape has failed, Message explains it, and Error is the error; empty where it has not.
	Code    string `json:"code"`
	Message string `json:"message"`
	Error   string `json:"error"`
}

// debugNodes is the path of the states of all nodes.
const debugNodes = "/debug/nodes"

var errNoBundle = errors.New("no APIService of Plimsoll's has a caBundle that verifies it")

// states reads the state of every node from Plimsoll itself, at the address that the user has named. The user's credentials are sent to a server alone
// that caBundle verifies.
func (a *Access) states(f *Facts, address string) []task {
	if address == "" {
		return nil
	}
	return []task{func(ctx context.Context) {
		f.States = &Fact[[]NodeState]{}
		if f.States.Value, f.States.Err = a.statesAt(ctx, f, address); f.States.Err != nil {
			f.States.Err = fmt.Errorf("%s at %s: %w", debugNodes, address, f.States.Err)
		}
	}}
}

func (a *Access) statesAt(ctx context.Context, f *Facts, address string) ([]NodeState, error) {
	config := rest.CopyConfig(a.config)
	config.Host, config.APIPath, config.Proxy = "https://"+address, "", nil
	config.TLSClientConfig.CAFile, config.TLSClientConfig.Insecure = "", false
	config.TLSClientConfig.CAData = f.bundle()
	config.TLSClientConfig.ServerName = f.host()
	if len(config.TLSClientConfig.CAData) == 0 {
		return nil, errNoBundle
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of Plimsoll: %w", err)
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+debugNodes, nil)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	got, err := send(client, request)
	if err != nil {
		return nil, err
	}
	var all []NodeState
	if err := json.Unmarshal(got.body, &all); err != nil {
		return nil, fmt.Errorf("read the states of nodes: %w", err)
	}
	return all, nil
}

// bundle is caBundle of an APIService that leads to Plimsoll.
func (f *Facts) bundle() []byte {
	for _, version := range versions {
		if f.isOwn(version) && len(f.APIServices[version].Value.Spec.CABundle) > 0 {
			return f.APIServices[version].Value.Spec.CABundle
		}
	}
	return nil
}
