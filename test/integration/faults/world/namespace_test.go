package world

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// deletedWithin is how long the deletion of a small namespace may take. Where discovery of an API fails, it does not end.
const deletedWithin = 30 * time.Second

// createNamespace creates a namespace with an object in it.
func createNamespace(t *testing.T, name string) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := env.Client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}}
	if _, err := env.Client.CoreV1().ConfigMaps(name).Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// deleteNamespace deletes a namespace, and returns how long that took: the controller finds all kinds of objects by discovery.
func deleteNamespace(t *testing.T, name string) time.Duration {
	t.Helper()
	begin := time.Now()
	if err := env.Client.CoreV1().Namespaces().Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, deletedWithin, func(ctx context.Context) error {
		n, err := env.Client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return fmt.Errorf("namespace %s is there yet: %v", name, n.Status.Conditions)
	})
	return time.Since(begin)
}

// discovery is a call of a client that looks up the kinds of objects.
func discovery(context.Context) error {
	_, err := env.Client.Discovery().ServerResourcesForGroupVersion("metrics.k8s.io/v1")
	return err
}
