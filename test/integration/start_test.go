package integration

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// TestStartsBeforeTheAPIServer starts Plimsoll when nothing listens at its API server's address. It is live and not ready, serves probes alone, and
// says so once. When the API server comes, it becomes ready and authenticates clients, without a restart.
func TestStartsBeforeTheAPIServer(t *testing.T) {
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	kubeconfig := elsewhere(t, address)
	server, err := env.StartLiveServer(t.Context(),
		"--kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	admin, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	pods := "/apis/metrics.k8s.io/v1beta1/pods"
	poll.Throughout(t, 5*time.Second, func(ctx context.Context) error {
		for path, want := range map[string]int{"/livez": http.StatusOK, "/readyz": http.StatusInternalServerError, pods: http.StatusUnauthorized} {
			if err := returns(ctx, admin, path, want); err != nil {
				return err
			}
		}
		return nil
	})
	forward(t, address)
	poll.Eventually(t, time.Minute, func(ctx context.Context) error { return returns(ctx, admin, "/readyz", http.StatusOK) })
	if err := returns(t.Context(), admin, pods, http.StatusOK); err != nil {
		t.Error(err)
	}
	log, err := os.ReadFile(server.Log())
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]int{
		"The API server does not return how clients are authenticated": 1, "The API server has returned how clients are authenticated": 1,
	} {
		if got := strings.Count(string(log), line); got != want {
			t.Errorf("%q is logged %d times, want %d:\n%s", line, got, want, log)
		}
	}
	if server.Ended() {
		t.Error("the process has ended")
	}
}

// elsewhere is a kubeconfig of Plimsoll's by which the API server is at another address.
func elsewhere(t *testing.T, address string) string {
	t.Helper()
	text, err := os.ReadFile(env.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(text), env.AdminConfig().Host, "https://"+address)
	if changed == string(text) {
		t.Fatalf("%s is not in the kubeconfig", env.AdminConfig().Host)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// forward has connections to an address go to the API server until the test ends.
func forward(t *testing.T, address string) {
	t.Helper()
	to, err := url.Parse(env.AdminConfig().Host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			onward, err := net.Dial("tcp", to.Host)
			if err != nil {
				from.Close()
				continue
			}
			for _, ends := range [][2]net.Conn{{from, onward}, {onward, from}} {
				go func() {
					_, _ = io.Copy(ends[0], ends[1]) // It ends with either connection.
					ends[0].Close()
				}()
			}
		}
	}()
}

// returns fails where a path has another code.
func returns(ctx context.Context, config *rest.Config, path string, want int) error {
	got, body, err := cluster.Get(ctx, config, path)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("GET %s: %d, want %d: %.300s", path, got, want, body)
	}
	return nil
}
