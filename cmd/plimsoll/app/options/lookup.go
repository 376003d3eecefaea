package options

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/pkg/server/healthz"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// The ConfigMap in which an API server publishes the CAs of client certificates and the headers of its front proxy.
const (
	authenticationNamespace = metav1.NamespaceSystem
	authenticationConfigMap = "extension-apiserver-authentication"
)

// lookupTimeout limits one lookup. The wait between two lookups begins at minLookupBackoff and doubles up to maxLookupBackoff.
const (
	lookupTimeout    = 5 * time.Second
	minLookupBackoff = 500 * time.Millisecond
	maxLookupBackoff = 10 * time.Second
)

// needsLookup is true where the ConfigMap of the API server is needed to authenticate clients.
func needsLookup(o *genericoptions.DelegatingAuthenticationOptions) bool {
	given := o.ClientCert != (genericoptions.ClientCertAuthenticationOptions{}) && o.RequestHeader.ClientCAFile != ""
	return !o.SkipInClusterLookup && !o.TolerateInClusterLookupFailure && !given
}

// findAuthentication gets the ConfigMap from the API server. A ConfigMap that does not exist is no error: the library waits for it.
func findAuthentication(ctx context.Context, kubeconfig string) (*corev1.ConfigMap, error) {
	access, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reach the API server for authentication: %w", err)
	}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server for authentication: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := client.CoreV1().ConfigMaps(authenticationNamespace).Get(ctx, authenticationConfigMap, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return &corev1.ConfigMap{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get the ConfigMap %s/%s: %w", authenticationNamespace, authenticationConfigMap, err)
	}
	return found, nil
}

// lookup is the authentication of a server that started while the API server did not return the ConfigMap. It retries until it succeeds; from then on
// the library authenticates the clients. Until then every request except probes is refused. It is safe for concurrent use.
type lookup struct {
	// find gets the ConfigMap once. apply applies the library's options to its arguments.
	find  func(context.Context) (*corev1.ConfigMap, error)
	apply func(*genericapiserver.AuthenticationInfo, *genericapiserver.SecureServingInfo) error
	// result is set once.
	result atomic.Pointer[lookupResult]

	mu        sync.Mutex
	listeners []dynamiccertificates.Listener
	// cause is the error of the newest lookup; nil where it succeeded.
	cause error
}

// lookupResult is what the library's options have made of the ConfigMap.
type lookupResult struct {
	info genericapiserver.AuthenticationInfo
	// ca are the CAs of client certificates; nil where there are none.
	ca dynamiccertificates.CAContentProvider
	// expectCA is true where the ConfigMap has CAs, which the library's informers have yet to read.
	expectCA bool
}

// Run implements dynamiccertificates.ControllerRunner. The server starts it when it listens.
func (l *lookup) Run(ctx context.Context, workers int) {
	logged, delay := "", wait.Backoff{Duration: minLookupBackoff, Factor: 2, Cap: maxLookupBackoff, Steps: math.MaxInt}.DelayFunc()
	err := delay.Until(ctx, true, true, func(ctx context.Context) (done bool, _ error) {
		err := l.attempt(ctx)
		message := cmp.Or(lookupMessages[apierrors.ReasonForError(err)], lookupMessages[metav1.StatusReasonUnknown])
		if err != nil && message != logged {
			logged = message
			klog.FromContext(ctx).Error(err, message)
		}
		return err == nil, nil
	})
	if err != nil {
		return // ctx is done.
	}
	klog.FromContext(ctx).Info("The API server has returned how clients are authenticated: requests are served from now on")
	if controller, ok := l.result.Load().ca.(dynamiccertificates.ControllerRunner); ok {
		controller.Run(ctx, workers)
	}
	<-ctx.Done()
}

// attempt looks up once and publishes the result.
func (l *lookup) attempt(ctx context.Context) error {
	config, err := l.find(ctx)
	f := &lookupResult{}
	if err == nil {
		var serving genericapiserver.SecureServingInfo
		f.expectCA = config.Data["client-ca-file"] != "" || config.Data["requestheader-client-ca-file"] != ""
		err = l.apply(&f.info, &serving)
		f.ca = serving.ClientCA
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause = err; err != nil {
		return err
	}
	if f.ca != nil {
		for _, listener := range l.listeners {
			f.ca.AddListener(listener)
		}
	}
	l.result.Store(f)
	return nil
}

// ready returns the result once clients can be authenticated; nil before.
func (l *lookup) ready() *lookupResult {
	f := l.result.Load()
	if f == nil || f.expectCA && f.ca != nil && len(f.ca.CurrentCABundleContent()) == 0 {
		return nil
	}
	return f
}

// readyCheck fails while clients cannot be authenticated.
func (l *lookup) readyCheck() healthz.HealthChecker {
	return healthz.NamedCheck("authentication", func(*http.Request) error {
		if l.ready() != nil {
			return nil
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.cause != nil {
			return fmt.Errorf("clients cannot be authenticated yet: %w", l.cause)
		}
		return fmt.Errorf("clients cannot be authenticated yet: the ConfigMap %s/%s is being read", authenticationNamespace, authenticationConfigMap)
	})
}

// lookupMessages are the log messages for lookups that fail, with the cure; that of an unknown reason is for all other reasons.
var lookupMessages = map[metav1.StatusReason]string{
	metav1.StatusReasonForbidden: "The API server does not let Plimsoll read how clients are authenticated, so only probes are served: bind the Role " +
		"extension-apiserver-authentication-reader of the namespace kube-system to Plimsoll's service account there. Plimsoll retries until it may",
	metav1.StatusReasonUnauthorized: "The API server does not accept Plimsoll's credentials, so Plimsoll cannot authenticate clients and serves only probes: check the " +
		"token or certificate in --authentication-kubeconfig, or the pod's service account. Plimsoll retries until they are accepted",
	metav1.StatusReasonUnknown: "The API server does not return how clients are authenticated, so only probes are served: check that it runs and that the address in " +
		"--authentication-kubeconfig, or of the Service kubernetes, leads to it. Plimsoll retries until it responds",
}
