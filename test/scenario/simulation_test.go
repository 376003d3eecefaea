package scenario

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/kubernetes/fake"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// endpoint is one of the two endpoints of a kubelet.
type endpoint struct {
	name, path string
	kind       source.Kind
	decode     func([]byte) (sample.Node, error)
	// render writes a response as a kubelet does.
	render func(node string, all []subject) (string, error)
}

var (
	resourceEndpoint = endpoint{"resource", target.ResourcePath, source.Resource, decodeResource, exposition}
	summaryEndpoint  = endpoint{"summary", target.SummaryPath, source.Summary, decodeSummary, summary}
	endpoints        = []endpoint{resourceEndpoint, summaryEndpoint}
)

func decodeResource(body []byte) (n sample.Node, err error) {
	err = (&decode.ResourceDecoder{Extra: sample.AllResources}).Decode(context.Background(), body, &n)
	return n, err
}

func decodeSummary(body []byte) (n sample.Node, err error) {
	err = decode.SummaryDecoder{Extra: sample.AllResources}.Decode(context.Background(), body, &n)
	return n, err
}

// beginning is the moment at which every scenario begins.
var beginning = time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)

// simulation is a cluster whose API server and kubelets are simulated, and one server that watches it. It runs in a bubble
// of testing/synctest, whose clock is the only one.
type simulation struct {
	t        *testing.T
	endpoint endpoint
	client   *fake.Clientset
	// kubeletUIDs are the UIDs by which kubelets know the existing pods, by namespace and name.
	kubeletUIDs map[string]string
	server      *server
}

func newSimulation(t *testing.T, e endpoint) *simulation {
	time.Sleep(time.Until(beginning))
	s := &simulation{t: t, endpoint: e, client: fake.NewClientset(), kubeletUIDs: map[string]string{}}
	s.restart(serverConfig{maxAge: defaultMaxAge})
	return s
}

// restart replaces the server by a new one with empty memory.
func (s *simulation) restart(c serverConfig) {
	s.close()
	s.server = newServer(s.t, s.endpoint, s.client, c)
	settle()
}

func (s *simulation) close() {
	if s.server != nil {
		s.server.stop()
	}
}

// settle waits until every goroutine is idle.
func settle() { synctest.Wait() }
