package app

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/fake"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/servingcert"
)

// TestCertificateGauges finds a Secret of another program, which counts as a failure.
func TestCertificateGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "b-serving-certificate"}, Type: corev1.SecretTypeTLS}
		m, err := servingcert.New(servingcert.Config{
			Service: types.NamespacedName{Namespace: "a", Name: "b"}, Secrets: fake.NewClientset(secret).CoreV1().Secrets("a"),
			APIServices: aggregator.NewClientset().ApiregistrationV1().APIServices(), Names: []string{"v1.metrics.k8s.io"},
			Clock: testingclock.NewFakePassiveClock(time.Unix(1_700_000_000, 0)), Lifetimes: servingcert.DefaultLifetimes(),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() { _ = m.Start(ctx) }()
		synctest.Wait()
		registry := metrics.NewKubeRegistry()
		if err := registerGauges(metricsRegistry{registry.Register, registry.CustomRegister}, certificateGauges(m)...); err != nil {
			t.Fatal(err)
		}
		// 90 and 365 days later.
		want := `# HELP plimsoll_serving_certificate_expiration_timestamp_seconds [ALPHA] When the server's own certificate ends, and when the authority ends that has signed it, in seconds since 1970.
# TYPE plimsoll_serving_certificate_expiration_timestamp_seconds gauge
plimsoll_serving_certificate_expiration_timestamp_seconds{certificate="authority"} 1731536000
plimsoll_serving_certificate_expiration_timestamp_seconds{certificate="serving"} 1707776000
# HELP plimsoll_serving_certificate_last_failure_timestamp_seconds [ALPHA] When a request about the Secret of the serving certificate, or about caBundle, last failed, or another client had replaced caBundle, in seconds since 1970, by resource; 0 for never.
# TYPE plimsoll_serving_certificate_last_failure_timestamp_seconds gauge
plimsoll_serving_certificate_last_failure_timestamp_seconds{resource="apiservices.apiregistration.k8s.io"} 0
plimsoll_serving_certificate_last_failure_timestamp_seconds{resource="secrets"} 1700000000
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
	})
}
