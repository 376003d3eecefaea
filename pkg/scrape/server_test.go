package scrape

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// onLoopback accepts the addresses at which the tests' kubelets are.
var onLoopback = target.Policy{AllowLocal: true}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// fetchInto fetches into a body of the test's own, what was read before an error included.
func fetchInto(ctx context.Context, q question, body *bytes.Buffer) error {
	bodies := newPayloads(NewMemory(unlimited))
	one := &payload{bodies: bodies}
	bodies.pool.New = func() any { return one }
	_, err := fetch(ctx, q, bodies)
	body.Write(one.Bytes())
	return err
}

func fetchOnce(t *testing.T, url string, access Access, config *rest.Config) error {
	t.Helper()
	access.Policy.AllowLocal = true
	client, err := access.HTTPClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	q := question{client: client, timeout: testTimeout, url: url, limit: 1000}
	return fetchInto(t.Context(), q, new(bytes.Buffer))
}
