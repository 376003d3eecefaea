package apiserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/server/healthz"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// listening makes the configuration listen on a free port of the loopback interface and returns a client and its host.
func listening(t *testing.T, config *apiserver.Config) (*http.Client, string) {
	t.Helper()
	serving := genericoptions.NewSecureServingOptions().WithLoopback()
	serving.BindAddress, serving.BindPort = net.IPv4(127, 0, 0, 1), 0
	serving.ServerCert.CertDirectory = ""
	if err := serving.MaybeDefaultWithSelfSignedCerts("localhost", nil, nil); err != nil {
		t.Fatal(err)
	}
	var err error
	if serving.Listener, serving.BindPort, err = genericoptions.CreateListener("tcp", "127.0.0.1:0", net.ListenConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := serving.ApplyTo(&config.Generic.SecureServing, &config.Generic.LoopbackClientConfig); err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(config.Generic.LoopbackClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, config.Generic.LoopbackClientConfig.Host
}

// Work that fails makes the process not ready, and nothing worse; all work has ended when Run returns.
func TestRun(t *testing.T) {
	config := fakeCluster{}.config()
	ended := make(chan struct{})
	config.Extra.Background = []apiserver.Background{
		{Name: "steady", Start: func(ctx context.Context) error {
			<-ctx.Done()
			close(ended)
			return ctx.Err()
		}},
		{Name: "doomed", Start: func(context.Context) error { return errors.New("no node can be listed") }},
		{Name: "brief", Start: func(context.Context) error { return nil }},
	}
	client, host := listening(t, config)
	server, err := config.Complete().New("test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- server.Run(ctx) }()

	await(t, client, host+"/livez", http.StatusOK, "ok")
	await(t, client, host+"/readyz/doomed", http.StatusInternalServerError, "doomed has stopped: no node can be listed")
	await(t, client, host+"/readyz", http.StatusInternalServerError, "[-]doomed failed")
	await(t, client, host+"/readyz/steady", http.StatusOK, "ok")
	await(t, client, host+"/readyz/brief", http.StatusOK, "ok")
	await(t, client, host+"/livez", http.StatusOK, "ok")
	await(t, client, host+"/metrics", http.StatusOK, "apiserver_request_total")

	stop()
	if err := <-result; err != nil {
		t.Errorf("Run gave %v", err)
	}
	select {
	case <-ended:
	default:
		t.Error("Run returned before its background work ended")
	}
}

// await sends requests until the response is the expected one: the work and its hooks start beside the first requests.
func await(t *testing.T, client *http.Client, url string, code int, body string) {
	t.Helper()
	var last string
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if err != nil {
			last = err.Error()
			return false, nil
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		last = response.Status + " " + string(content)
		return err == nil && response.StatusCode == code && strings.Contains(string(content), body), nil
	})
	if err != nil {
		t.Fatalf("GET %s: %v, last response %s", url, err, last)
	}
}

func TestRunWithoutListener(t *testing.T) {
	config := fakeCluster{}.config()
	listening(t, config)
	config.Generic.SecureServing.Listener.Close()
	config.Generic.SecureServing.Listener = nil
	server, err := config.Complete().New("test")
	if err != nil {
		t.Fatal(err)
	}
	// Only Run stops what it has started.
	if err := server.Run(context.WithoutCancel(t.Context())); err == nil {
		t.Error("Run gave no error without a listener")
	}
}

// A failing check reaches /readyz and nothing else.
func TestReadyChecks(t *testing.T) {
	config := fakeCluster{}.config()
	config.Extra.ReadyChecks = []healthz.HealthChecker{healthz.NamedCheck("scrapes", func(*http.Request) error { return errCold })}
	h := handler(t, config)
	for path, want := range map[string]string{
		"/readyz?verbose": "[-]scrapes failed: reason withheld",
		"/readyz/scrapes": errCold.Error(),
		"/livez/ping":     "ok",
	} {
		if response := get(t.Context(), h, path, "*/*"); !strings.Contains(response.Body.String(), want) {
			t.Errorf("GET %s: %d %s, want %q in it", path, response.Code, response.Body, want)
		}
	}
	for _, path := range []string{"/livez?verbose", "/healthz?verbose"} {
		if body := get(t.Context(), h, path, "*/*").Body.String(); strings.Contains(body, "scrapes") {
			t.Errorf("GET %s knows of the check: %s", path, body)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	idle := func(context.Context) error { return nil }
	check := healthz.NamedCheck("twice", func(*http.Request) error { return nil })
	tests := []struct {
		name   string
		change func(*apiserver.Config)
		want   string
	}{
		{"no loopback client", func(c *apiserver.Config) { c.Generic.LoopbackClientConfig = nil }, "LoopbackClientConfig"},
		{"work without a name", func(c *apiserver.Config) {
			c.Extra.Background = []apiserver.Background{{Start: idle}}
		}, "has no name"},
		{"work of one name", func(c *apiserver.Config) {
			c.Extra.Background = []apiserver.Background{{Name: "twice", Start: idle}, {Name: "twice", Start: idle}}
		}, `two readiness checks are named "twice"`},
		{"a check of the name of the work", func(c *apiserver.Config) {
			c.Extra.Background = []apiserver.Background{{Name: "twice", Start: idle}}
			c.Extra.ReadyChecks = []healthz.HealthChecker{check}
		}, `two readiness checks are named "twice"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := fakeCluster{}.config()
			tt.change(config)
			if _, err := config.Complete().New("test"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New gave error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	response := get(t.Context(), handler(t, fakeCluster{}.config()), "/version", asJSON)
	if response.Code != http.StatusOK || !strings.Contains(response.Body.String(), `"gitVersion"`) {
		t.Errorf("%d %s", response.Code, response.Body)
	}
}
