package scrape

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"testing"

	"k8s.io/client-go/rest"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func fetchOnce(t *testing.T, url string, access Access, config *rest.Config) error {
	t.Helper()
	client, err := access.HTTPClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	q := question{client: client, timeout: testTimeout, url: url, limit: 1000}
	return fetch(t.Context(), q, new(bytes.Buffer))
}
