package options_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	certutil "k8s.io/client-go/util/cert"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
)

// parse returns the options of a command line.
func parse(t *testing.T, args ...string) *options.Options {
	t.Helper()
	o := options.NewOptions()
	all := pflag.NewFlagSet("plimsoll", pflag.ContinueOnError)
	for _, fs := range o.Flags().FlagSets {
		all.AddFlagSet(fs)
	}
	if err := all.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o
}

// apply calls ApplyToProcess and returns what undoes it.
func apply(t *testing.T, o *options.Options) (undo func()) {
	t.Helper()
	if err := o.ApplyToProcess(); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := logsapi.ResetForTest(nil); err != nil {
			t.Error(err)
		}
		klog.StopFlushDaemon()
		if err := utilfeature.DefaultMutableFeatureGate.Set(usualGates); err != nil {
			t.Error(err)
		}
	}
}

// usualGates undoes what the tests do to the gates of the process.
const usualGates = "StorageVersionHash=true,LoggingAlphaOptions=false"

// files is a directory of whatever a flag may name.
type files struct {
	t   *testing.T
	dir string
	// server is the address of an API server that knows who signs the aggregator's certificates.
	server string
}

func newFiles(t *testing.T) *files {
	t.Helper()
	cert, key, err := certutil.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &files{t: t, dir: t.TempDir(), server: newAPIServer(t, string(cert))}
	f.write("cert.pem", string(cert))
	f.write("key.pem", string(key))
	f.write("garbage", "garbage")
	f.write("policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
	return f
}

func (f *files) path(name string) string { return filepath.Join(f.dir, name) }

func (f *files) write(name, content string) string {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return f.path(name)
}

// copy makes a file of the same content under another name, so that the flag that names it can be identified.
func (f *files) copy(name, original string) string {
	f.t.Helper()
	content, err := os.ReadFile(f.path(original))
	if err != nil {
		f.t.Fatal(err)
	}
	return f.write(name, string(content))
}

// kubeconfig makes a file that leads to the API server with the given token.
func (f *files) kubeconfig(token string) string {
	f.t.Helper()
	return f.write(token+".kubeconfig", fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: %s}}]
`, f.server, token))
}

// usual are the flags without which nothing starts outside a cluster.
func (f *files) usual() []string {
	file := f.kubeconfig("usual")
	return []string{"--kubeconfig=" + file, "--authentication-kubeconfig=" + file, "--authorization-kubeconfig=" + file}
}

// newAPIServer returns the one object that the server requests when it starts; never for the token "forbidden", and only once for "once".
func newAPIServer(t *testing.T, ca string) string {
	t.Helper()
	configMap, err := json.Marshal(&corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "extension-apiserver-authentication"},
		Data: map[string]string{
			"client-ca-file":                     ca,
			"requestheader-client-ca-file":       ca,
			"requestheader-username-headers":     `["X-Remote-User"]`,
			"requestheader-group-headers":        `["X-Remote-Group"]`,
			"requestheader-extra-headers-prefix": `["X-Remote-Extra-"]`,
			"requestheader-allowed-names":        `["front-proxy-client"]`,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var once atomic.Bool
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.Header.Get("Authorization"), "once") && !once.CompareAndSwap(false, true):
			http.Error(w, "away", http.StatusInternalServerError)
		case strings.Contains(r.Header.Get("Authorization"), "forbidden"):
			http.Error(w, "forbidden", http.StatusForbidden)
		case r.URL.Path != "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication":
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "application/json")
			if _, err := w.Write(configMap); err != nil {
				t.Error(err)
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
