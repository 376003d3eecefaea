package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

const (
	api          = "/apis/metrics.k8s.io/v1beta1"
	asJSON       = "application/json"
	asProtobuf   = "application/vnd.kubernetes.protobuf"
	contentTypes = asProtobuf + "," + asJSON
)

// call is a kind of request that clients of the API make.
type call struct {
	name, path, accept string
	// plain is true where the client accepts no compressed response.
	plain bool
}

// The calls, on the namespaces and names of [cluster.Cluster.Populate].
var (
	getOne        = call{name: "get one pod", path: api + "/namespaces/team-0/pods/node-0001-000", accept: asJSON}
	listNamespace = podsOf("team-0")
	// autoscalers is the request of kube-controller-manager.
	autoscalers = call{
		name: "autoscaler's call", path: api + "/namespaces/team-0/pods?labelSelector=" + cluster.LabelWorkload + "%3Dworkload-0", accept: contentTypes,
	}
	allJSON     = call{name: "list all pods as JSON", path: api + "/pods", accept: asJSON}
	plainJSON   = call{name: "list all pods as JSON, uncompressed", path: api + "/pods", accept: asJSON, plain: true}
	allProtobuf = call{name: "list all pods as protobuf", path: api + "/pods", accept: asProtobuf}
	allNodes    = call{name: "list all nodes", path: api + "/nodes", accept: asJSON}
)

func podsOf(namespace string) call {
	return call{name: "list a namespace", path: api + "/namespaces/" + namespace + "/pods", accept: asJSON}
}

func calls() []call {
	return []call{getOne, listNamespace, autoscalers, allJSON, allProtobuf, allNodes, plainJSON}
}

// CPU is the server's for one call.
func (c call) CPU() Figure { return Figure{c.name + ", server CPU", Seconds} }

// Median is the latency that half of the calls do not exceed.
func (c call) Median() Figure { return Figure{c.name + ", p50", Seconds} }

// Tail is the latency that all but one of a hundred do not exceed.
func (c call) Tail() Figure { return Figure{c.name + ", p99", Seconds} }

// do makes the call once and returns how long it took until the response was read.
func (c call) do(ctx context.Context, client *http.Client, host string) (time.Duration, error) {
	begin := time.Now()
	err := c.to(ctx, client, host, io.Discard)
	return time.Since(begin), err
}

// to makes the call once and writes the response.
func (c call) to(ctx context.Context, client *http.Client, host string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, host+c.path, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	request.Header.Set("Accept", c.accept)
	if c.plain {
		request.Header.Set("Accept-Encoding", "identity")
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("%s: read the response: %w", c.name, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the server returns %s", c.name, response.Status)
	}
	return nil
}
