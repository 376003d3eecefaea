package scrape

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"sync"
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

// fetchInto fetches into a body of the test's own.
func fetchInto(ctx context.Context, q question, body *bytes.Buffer) error {
	_, err := fetch(ctx, q, &sync.Pool{New: func() any { return body }})
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
