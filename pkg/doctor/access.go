package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	apiregistration "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"
)

const (
	// requestTimeout bounds each request.
	requestTimeout = 10 * time.Second
	// pageSize is how many objects one response has at most, and maxPages how many such responses are read.
	pageSize = 500
	maxPages = 100
	// maxBody bounds the body of a response that is read here, in bytes.
	maxBody = 64 << 20
)

// Access is how facts are requested: the credentials of the user of this command at one API server.
type Access struct {
	config   *rest.Config
	core     kubernetes.Interface
	registry apiregistration.APIServicesGetter
	http     *http.Client
}

// NewAccess makes clients of an API server. The config is copied.
func NewAccess(config *rest.Config) (*Access, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // Gather itself bounds how many requests it sends, and how many at a time.
	config.UserAgent = "plimsoll-doctor"
	config.WarningHandler = rest.NoWarnings{}
	if config.Timeout == 0 || config.Timeout > requestTimeout {
		config.Timeout = requestTimeout
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	a := &Access{config: config, http: client}
	core := rest.CopyConfig(config)
	core.AcceptContentTypes, core.ContentType = runtime.ContentTypeProtobuf+","+runtime.ContentTypeJSON, runtime.ContentTypeProtobuf
	if a.core, err = kubernetes.NewForConfigAndClient(core, client); err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	if a.registry, err = apiregistration.NewForConfigAndClient(config, client); err != nil {
		return nil, fmt.Errorf("make a client of the APIServices: %w", err)
	}
	return a, nil
}

// Close closes the connections that are idle.
func (a *Access) Close() { a.http.CloseIdleConnections() }

// response is one of the API server, or of the server behind it.
type response struct {
	body []byte
	// ahead is how far the clock that wrote the header Date is ahead of this machine's.
	ahead time.Duration
}

// get requests a path. The error has the API server's message where it sent one. The response of an error has the date.
func (a *Access) get(ctx context.Context, path string, query ...string) (response, error) {
	r := a.core.Discovery().RESTClient().Get().AbsPath(path)
	for i := 0; i+1 < len(query); i += 2 {
		r.Param(query[i], query[i+1])
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL().String(), nil)
	if err != nil {
		return response{}, fmt.Errorf("make a request: %w", err)
	}
	return send(a.http, request)
}

// send sends a request for JSON.
func send(client *http.Client, request *http.Request) (response, error) {
	request.Header.Set("Accept", runtime.ContentTypeJSON)
	sent := time.Now()
	got, err := client.Do(request)
	if err != nil {
		return response{}, err
	}
	defer got.Body.Close()
	var out response
	if date, err := http.ParseTime(got.Header.Get("Date")); err == nil {
		middle := sent.Add(time.Since(sent) / 2)
		out.ahead = date.Add(time.Second / 2).Sub(middle) // The header has whole seconds.
	}
	if out.body, err = io.ReadAll(io.LimitReader(got.Body, maxBody)); err != nil {
		return out, fmt.Errorf("read the response: %w", err)
	}
	if got.StatusCode != http.StatusOK {
		return out, statusError(got, out.body)
	}
	return out, nil
}

// statusError is the error of a response that has another status than 200.
func statusError(got *http.Response, body []byte) error {
	var status metav1.Status
	if err := json.Unmarshal(body, &status); err == nil && status.Kind == "Status" && status.Status == metav1.StatusFailure {
		return apierrors.FromObject(&status)
	}
	return apierrors.NewGenericServerResponse(got.StatusCode, http.MethodGet, schema.GroupResource{}, "", string(body), 0, true)
}

var errTooMany = errors.New("there are more objects than this command reads")

// all reads the objects that a label selector selects page by page, and returns what keep makes of each page.
func all[L any, T any](ctx context.Context, selector string, list func(context.Context, metav1.ListOptions) (L, error), keep func(L) (items []T, next string)) Fact[[]T] {
	options := metav1.ListOptions{Limit: pageSize, LabelSelector: selector}
	var kept []T
	for range maxPages {
		page, err := list(ctx, options)
		if err != nil {
			return Fact[[]T]{Err: err}
		}
		items, next := keep(page)
		kept = append(kept, items...)
		if options.Continue = next; next == "" {
			return Fact[[]T]{Value: kept}
		}
	}
	return Fact[[]T]{Err: errTooMany}
}
