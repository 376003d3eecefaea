package integration

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
)

const (
	asJSON     = "application/json"
	asTable    = "application/json;as=Table;g=meta.k8s.io;v=v1," + asJSON
	asProtobuf = "application/vnd.kubernetes.protobuf," + asJSON
)

// anonymous is the user of requests without credentials.
const anonymous = "anonymous"

// tenancyClient sends requests as one user on one way.
type tenancyClient struct {
	user, host string
	client     *http.Client
	// names are removed from a response: those of the user's own pods, which have the names of nodes in them.
	names *strings.Replacer
	// nodes have pods of the user, and so stand in tables of these.
	nodes map[string]bool
}

func clientFor(t *testing.T, w way, user string) *tenancyClient {
	t.Helper()
	config, err := w.configFor(user)
	if err != nil {
		t.Fatal(err)
	}
	if user == anonymous {
		config = rest.AnonymousClientConfig(config)
	}
	c := &tenancyClient{user: user, host: config.Host, names: strings.NewReplacer(), nodes: map[string]bool{}}
	if c.client, err = rest.HTTPClientFor(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.client.CloseIdleConnections)
	if user == "tenant" {
		var pairs []string
		for _, p := range env.Fleet.Pods() {
			if p.Namespace == "team-1" {
				pairs = append(pairs, p.Name, "")
				c.nodes[p.Node] = true
			}
		}
		c.names = strings.NewReplacer(append(pairs, "team-1", "")...)
	}
	return c
}

// get returns the code and the body of a response; 0 and the error for none.
func (c *tenancyClient) get(ctx context.Context, path, accept string) (int, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.host+path, nil)
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Accept", accept)
	response, err := c.client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(body) + fmt.Sprint(response.Header)
}

// secrets are the names and addresses of the test's cluster, and the name of the other one.
var secrets = regexp.MustCompile(`\bnode-\d{4}\b|\bteam-\d\b|\b127\.10\.\d+\.\d+|\b` + hidden + `\b`)

func (c *tenancyClient) check(t *testing.T, tt tenancyRequest) {
	t.Helper()
	for form, accept := range map[string]string{"JSON": asJSON, "a table": asTable, "protobuf": asProtobuf} {
		code, body := c.get(t.Context(), tt.path, accept)
		if code == 0 || c.user == "tenant" && tt.code != 0 && code != tt.code {
			t.Errorf("as %s: code %d, want %d: %.300s", form, code, tt.code, body)
		}
		for _, found := range secrets.FindAllString(c.names.Replace(body), -1) {
			isOwn := c.user == "tenant" && found == tt.node || accept == asTable && code == http.StatusOK && c.nodes[found]
			if !isOwn && !strings.Contains(tt.path, found) {
				t.Errorf("as %s: the response of code %d has %s: %.500s", form, code, found, body)
				break
			}
		}
	}
}
