package cluster

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"k8s.io/client-go/rest"
)

// Get sends a GET for path with the credentials of config, on a new connection, as a new client does. The error says
// that there was no complete response.
func Get(ctx context.Context, config *rest.Config, path string) (status int, body string, err error) {
	transport, err := transportOfItsOwn(config)
	if err != nil {
		return 0, "", fmt.Errorf("make a client of %s: %w", config.Host, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+path, nil)
	if err != nil {
		return 0, "", fmt.Errorf("make a request: %w", err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		err = fmt.Errorf("GET %s: read the body: %w", path, err)
	}
	return response.StatusCode, string(text), err
}

// Fetch is Get of a document. A status other than 200 is an error.
func Fetch(ctx context.Context, config *rest.Config, path string) (string, error) {
	status, body, err := Get(ctx, config, path)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s: %d: %.300s", path, status, body)
	}
	return body, err
}

// transportOfItsOwn shares no connection with another client, unlike those of rest.HTTPClientFor.
func transportOfItsOwn(config *rest.Config) (http.RoundTripper, error) {
	tlsConfig, err := rest.TLSConfigFor(config)
	if err != nil {
		return nil, err
	}
	return rest.HTTPWrappersForConfig(config, &http.Transport{TLSClientConfig: tlsConfig, DisableKeepAlives: true})
}
