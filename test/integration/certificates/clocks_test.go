package certificates

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestClocksDiffer has the clock of one replica be two hours ahead and that of the other two hours behind. What either makes is valid for the API
// server, and for the other one, which puts nothing in its place.
func TestClocksDiffer(t *testing.T) {
	for _, ahead := range []time.Duration{2 * time.Hour, -2 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			resetSecret(t, nil)
			maker := launchWithClock(t, ahead)
			register(t, maker, unchanged)
			poll.Eventually(t, within, func(ctx context.Context) error { return showsSecret(ctx, t, maker) })
			old, err := secretData(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			// The certificate of the start may be from before the clock was set.
			replace(t, nil)
			poll.Eventually(t, within, func(ctx context.Context) error {
				if data, err := secretData(ctx); err != nil || bytes.Equal(data["tls.crt"], old["tls.crt"]) {
					return errors.Join(errors.New("the keys are not new"), err)
				}
				return showsSecret(ctx, t, maker)
			})
			other := launchWithClock(t, -ahead)
			poll.Eventually(t, within, func(ctx context.Context) error { return showsSecret(ctx, t, other) })
			version := secretVersion(t)
			poll.Throughout(t, 15*time.Second, func(ctx context.Context) error {
				return errors.Join(showsSecret(ctx, t, maker), showsSecret(ctx, t, other))
			})
			if after := secretVersion(t); after != version {
				t.Errorf("a replica has written the Secret again: version %s, before %s", after, version)
			}
		})
	}
}

// launchWithClock starts a Plimsoll and sets its clock.
func launchWithClock(t *testing.T, ahead time.Duration) *cluster.Server {
	t.Helper()
	server := launch(t)
	if err := server.SetClock(ahead); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("clocks of single processes cannot be set here")
	} else if err != nil {
		t.Fatal(err)
	}
	return server
}

// showsSecret wants a server to show the certificate of the Secret, caBundle of both APIServices to verify it now, and an hour of it to be over, which is
// what certificates are dated back by.
func showsSecret(ctx context.Context, t *testing.T, server *cluster.Server) error {
	t.Helper()
	data, err := secretData(ctx)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(data["tls.crt"])
	for _, version := range versions {
		s, err := apiServices(t).Get(ctx, objectName(version), metav1.GetOptions{})
		if err != nil {
			return err
		}
		shown, err := dial(ctx, server, s.Spec.CABundle)
		if err != nil {
			return err
		}
		if block == nil || !bytes.Equal(block.Bytes, shown.Raw) {
			return errors.New("the server shows another certificate than the Secret has")
		}
		if age := time.Since(shown.NotBefore); age < time.Hour-time.Second || age > time.Hour+5*time.Minute {
			return fmt.Errorf("the certificate is valid since %s, want an hour", age)
		}
	}
	return nil
}

// secretVersion is the resource version of the Secret, which every write changes.
func secretVersion(t *testing.T) string {
	t.Helper()
	secret, err := env.Client.CoreV1().Secrets(namespace).Get(t.Context(), secretName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return secret.ResourceVersion
}
