package options

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"
	auditpolicy "k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authorization/path"
	"k8s.io/client-go/rest"
	logsapi "k8s.io/component-base/logs/api/v1"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// Validate returns every error in the flags, including those of the library's groups. It reads the files that flags name, and changes nothing. The
// caller calls ApplyToProcess first, because it sets the feature gates.
func (o *Options) Validate() []error {
	var errs errorList
	errs.add(o.setup)
	for _, group := range []func() []error{
		o.validateCluster, o.Scrape.Validate, o.validateSources, o.validateSinks, o.Kubelet.Validate, o.ServerRun.Validate,
		o.SecureServing.Validate, o.validateServing,
		o.Authentication.Validate, o.Authorization.Validate, o.Audit.Validate, o.validateAccess,
		o.Features.Validate, o.validateFeatures,
	} {
		errs = append(errs, group()...)
	}
	return errs
}

// validateCluster checks the kubeconfigs. Delegated authentication and authorization have flags of their own.
func (o *Options) validateCluster() []error {
	var errs errorList
	var missing []string
	for _, f := range []struct{ flag, file string }{
		{"kubeconfig", o.Kubeconfig},
		{"authentication-kubeconfig", o.Authentication.RemoteKubeConfigFile},
		{"authorization-kubeconfig", o.Authorization.RemoteKubeConfigFile},
	} {
		errs.add(checkKubeconfig("--"+f.flag, f.file))
		if f.file == "" && (f.flag != "kubeconfig" || o.inCluster()) {
			missing = append(missing, "--"+f.flag)
		}
	}
	if len(missing) == 0 {
		return errs
	}
	if _, err := rest.InClusterConfig(); errors.Is(err, rest.ErrNotInCluster) {
		errs.addf("%s: must be given outside a cluster (in a pod, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT would be set)",
			strings.Join(missing, ", "))
	}
	return errs
}

// inCluster is true where a source uses the configuration of a pod. It is assumed of invalid sources.
func (o *Options) inCluster() bool {
	sources, err := o.sources()
	return err != nil || slices.ContainsFunc(sources, func(s source.Source) bool { return s.API.InCluster })
}

// validateAccess checks what the library reads only when the server starts, of the flags about clients and audit.
func (o *Options) validateAccess() []error {
	var errs errorList
	errs.add(checkCertificates("--client-ca-file", o.Authentication.ClientCert.ClientCA))
	errs.add(checkCertificates("--requestheader-client-ca-file", o.Authentication.RequestHeader.ClientCAFile))
	if _, err := path.NewAuthorizer(o.Authorization.AlwaysAllowPaths); err != nil {
		errs.addf("--authorization-always-allow-paths: %w", err)
	}
	if file := o.Audit.PolicyFile; file != "" {
		if _, err := auditpolicy.LoadPolicyFromFile(file); err != nil {
			errs.addf("--audit-policy-file=%s: must be an audit policy: %w", file, err)
		}
	}
	errs.add(checkKubeconfig("--audit-webhook-config-file", o.Audit.WebhookOptions.ConfigFile))
	for _, f := range []struct {
		flag  string
		value time.Duration
	}{
		{"authentication-token-webhook-cache-ttl", o.Authentication.CacheTTL},
		{"authorization-webhook-cache-authorized-ttl", o.Authorization.AllowCacheTTL},
		{"authorization-webhook-cache-unauthorized-ttl", o.Authorization.DenyCacheTTL},
		{"audit-webhook-initial-backoff", o.Audit.WebhookOptions.InitialBackoff},
	} {
		errs.check(f.value >= 0, "--%s=%v: must not be negative", f.flag, f.value)
	}
	return errs
}

func (o *Options) validateFeatures() []error {
	var errs errorList
	limit := o.ServerRun.MaxRequestsInFlight + o.ServerRun.MaxMutatingRequestsInFlight
	errs.check(!o.Features.EnablePriorityAndFairness || limit > 0,
		"--enable-priority-and-fairness: needs --max-requests-inflight and --max-mutating-requests-inflight to add up to more than 0")
	for _, err := range logsapi.Validate(o.Logs, o.gate, field.NewPath("logging")) {
		errs.add(err)
	}
	return errs
}

// errorList collects errors, so that all of them can be reported at once.
type errorList []error

// check adds an error unless ok. The format must not contain %w.
func (l *errorList) check(ok bool, format string, args ...any) {
	if !ok {
		l.addf(format, args...)
	}
}

func (l *errorList) addf(format string, args ...any) {
	*l = append(*l, fmt.Errorf(format, args...))
}

// addJoined adds the errors that err joins, which begin with the name of a flag; none where err is nil.
func (l *errorList) addJoined(err error) {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			l.addf("--%w", one)
		}
	}
}

// add adds an error unless it is nil.
func (l *errorList) add(err error) {
	if err != nil {
		*l = append(*l, err)
	}
}
