package options

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

var (
	errRefused   = errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	errForbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, authenticationConfigMap, errors.New("no"))
)

// TestLookup has the API server fail in several ways and then return it. Before that only probes are served, and each failure is logged once.
func TestLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true)))
		ctx, stop := context.WithCancel(klog.NewContext(t.Context(), logger))
		defer stop()
		results := []error{errRefused, errRefused, errRefused, errForbidden, errForbidden, apierrors.NewUnauthorized("no"), errRefused}
		attempts := 0
		l := &lookup{
			find: func(context.Context) (*corev1.ConfigMap, error) {
				if attempts++; attempts <= len(results) {
					return nil, results[attempts-1]
				}
				return &corev1.ConfigMap{}, nil
			},
			apply: func(info *genericapiserver.AuthenticationInfo, _ *genericapiserver.SecureServingInfo) error {
				info.Authenticator = authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
					return &authenticator.Response{User: &user.DefaultInfo{Name: "ann"}}, true, nil
				})
				return nil
			},
		}
		go l.Run(ctx, 1)
		synctest.Wait()
		check(t, l, "system:anonymous", "", errRefused.Error())
		time.Sleep(4 * time.Second) // 0.5 s, 1 s and 2 s were waited.
		synctest.Wait()
		check(t, l, "system:anonymous", "", errForbidden.Error())
		time.Sleep(4*time.Second + 8*time.Second + 10*time.Second + 10*time.Second)
		synctest.Wait()
		check(t, l, "ann", "ann", "")
		if attempts != len(results)+1 {
			t.Errorf("looked up %d times, want %d", attempts, len(results)+1)
		}
		var logged []string
		for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
			logged = append(logged, entry.Message)
		}
		want := []string{
			lookupMessages[metav1.StatusReasonUnknown], lookupMessages[metav1.StatusReasonForbidden], lookupMessages[metav1.StatusReasonUnauthorized], lookupMessages[metav1.StatusReasonUnknown],
			"The API server has returned how clients are authenticated: requests are served from now on",
		}
		if diff := cmp.Diff(want, logged); diff != "" {
			t.Errorf("logged (-want +got):\n%s", diff)
		}
	})
}

// check compares who is let in at a probe and elsewhere, and whether the process is ready.
func check(t *testing.T, l *lookup, probe, elsewhere, unready string) {
	t.Helper()
	a := l.authenticator([]string{"/livez"})
	for path, want := range map[string]string{"/livez": probe, "/apis": elsewhere} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, ok, err := a.AuthenticateRequest(request)
		if err != nil || ok != (want != "") || ok && response.User.GetName() != want {
			t.Errorf("%s: %v, %t, %v, want %q", path, response, ok, err, want)
		}
	}
	err := l.readyCheck().Check(nil)
	if (err != nil) != (unready != "") || err != nil && err.Error() != "clients cannot be authenticated yet: "+unready {
		t.Errorf("ready: %v, want %q", err, unready)
	}
}

// authority is one whose content comes later than the rest.
type authority struct {
	lookup
	content []byte
}

func (a *authority) CurrentCABundleContent() []byte { return a.content }

// TestLookupAwaitsAuthorities refuses clients until the library has read the authorities that the ConfigMap has.
func TestLookupAwaitsAuthorities(t *testing.T) {
	ca := &authority{}
	l := &lookup{
		find: func(context.Context) (*corev1.ConfigMap, error) {
			return &corev1.ConfigMap{Data: map[string]string{"client-ca-file": "x"}}, nil
		},
		apply: func(info *genericapiserver.AuthenticationInfo, serving *genericapiserver.SecureServingInfo) error {
			info.Authenticator = authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
				return &authenticator.Response{User: &user.DefaultInfo{Name: "ann"}}, true, nil
			})
			serving.ClientCA = ca
			return nil
		},
	}
	if err := l.attempt(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, l, "system:anonymous", "", "the ConfigMap kube-system/extension-apiserver-authentication is being read")
	ca.content = []byte("x")
	check(t, l, "ann", "ann", "")
}

func TestNeedsLookup(t *testing.T) {
	tests := []struct {
		name string
		set  func(*genericoptions.DelegatingAuthenticationOptions)
		want bool
	}{
		{"by default", func(*genericoptions.DelegatingAuthenticationOptions) {}, true},
		{"one authority given", func(o *genericoptions.DelegatingAuthenticationOptions) { o.ClientCert.ClientCA = "ca.crt" }, true},
		{"both authorities given", func(o *genericoptions.DelegatingAuthenticationOptions) {
			o.ClientCert.ClientCA, o.RequestHeader.ClientCAFile = "ca.crt", "proxy.crt"
		}, false},
		{"skipped", func(o *genericoptions.DelegatingAuthenticationOptions) { o.SkipInClusterLookup = true }, false},
		{"the library goes on without", func(o *genericoptions.DelegatingAuthenticationOptions) { o.TolerateInClusterLookupFailure = true }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := genericoptions.NewDelegatingAuthenticationOptions()
			tt.set(o)
			if got := needsLookup(o); got != tt.want {
				t.Errorf("needs a lookup: %t", got)
			}
		})
	}
}
