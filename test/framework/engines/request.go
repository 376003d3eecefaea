package engines

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// request sends a request on a connection of its own and returns the response. A body is sent with its content type.
func request(ctx context.Context, method, url, body string, header http.Header) (status int, response []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("make a request: %w", err)
	}
	if header != nil {
		r.Header = header
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: read the body: %w", method, url, err)
	}
	return answer.StatusCode, text, nil
}

// post sends a form and returns the body of a response with status 200.
func post(ctx context.Context, url, form string) ([]byte, error) {
	status, body, err := request(ctx, http.MethodPost, url, form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("POST %s: %d: %.500s", url, status, body)
	}
	return body, err
}
