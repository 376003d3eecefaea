package generic_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/storage"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
)

// readers are the requests that may wait for a resource version.
func readers(s *shipStorage) map[string]func(ctx context.Context, version string) error {
	return map[string]func(context.Context, string) error{
		"a list": func(ctx context.Context, version string) error {
			_, err := s.List(ctx, &internalversion.ListOptions{ResourceVersion: version})
			return err
		},
		"an object": func(ctx context.Context, version string) error {
			_, err := s.Get(genericapirequest.WithNamespace(ctx, "east"), "a", &metav1.GetOptions{ResourceVersion: version})
			return err
		},
	}
}

// TestVersionIsAwaited has the change come while a request waits for it.
func TestVersionIsAwaited(t *testing.T) {
	for _, name := range []string{"a list", "an object"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, newest := fleet(ships, "dark", nil), atomic.Uint64{}
				s.Version = newest.Load
				time.AfterFunc(2*time.Second, func() { newest.Store(8) })
				began := time.Now()
				if err := readers(s)[name](t.Context(), "8"); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began); waited < 2*time.Second || waited > 2100*time.Millisecond {
					t.Errorf("it was served after %v", waited)
				}
			})
		})
	}
}

// TestVersionThatDoesNotCome is refused as the API has it, which clients tell from another timeout.
func TestVersionThatDoesNotCome(t *testing.T) {
	for _, name := range []string{"a list", "an object"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := readers(fleet(ships, "dark", nil))[name](t.Context(), "8")
				if !storage.IsTooLargeResourceVersion(err) || time.Since(began) != 3*time.Second {
					t.Errorf("after %v got the error %v", time.Since(began), err)
				}
				if seconds, ok := apierrors.SuggestsClientDelay(err); !ok || seconds != 1 {
					t.Errorf("it is to be tried again after %d s", seconds)
				}
			})
		})
	}
}

// TestClientGoesWhileItWaits ends with the context.
func TestClientGoesWhileItWaits(t *testing.T) {
	for _, name := range []string{"a list", "an object"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				err := readers(fleet(ships, "dark", nil))[name](ctx, "8")
				if !apierrors.IsTimeout(err) || storage.IsTooLargeResourceVersion(err) || time.Since(began) != time.Second {
					t.Errorf("after %v got the error %v", time.Since(began), err)
				}
			})
		})
	}
}

// TestVersionThatTheClockHasPassed is served at once, in a list that has it: whatever changes from now on has a higher one.
func TestVersionThatTheClockHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := fleet(ships, "dark", nil), time.Now()
		s.Now = func() time.Time { return time.UnixMicro(100) }
		list, err := listPage(t.Context(), s, "", &internalversion.ListOptions{ResourceVersion: "90"})
		if err != nil || list.ResourceVersion != "90" {
			t.Errorf("got %v, %v", list, err)
		}
		if err := readers(s)["an object"](t.Context(), "100"); err != nil || time.Since(began) != 0 {
			t.Errorf("after %v got the error %v", time.Since(began), err)
		}
	})
}

// TestVersionThatCannotComeInTime is refused without a wait, which would hold a place that other requests need.
func TestVersionThatCannotComeInTime(t *testing.T) {
	for _, name := range []string{"a list", "an object"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := readers(fleet(ships, "dark", nil))[name](t.Context(), generic.ResourceVersion(7+uint64(3*time.Second.Microseconds())))
				if !storage.IsTooLargeResourceVersion(err) || time.Since(began) != 0 {
					t.Errorf("after %v got the error %v", time.Since(began), err)
				}
			})
		})
	}
}

func TestVersionOfAnObjectIsNoNumber(t *testing.T) {
	if err := readers(fleet(ships, "dark", nil))["an object"](t.Context(), "new"); !apierrors.IsBadRequest(err) {
		t.Errorf("got the error %v", err)
	}
}
