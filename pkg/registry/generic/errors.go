package generic

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// retryAfter is in seconds: a first scrape is a matter of seconds, and a client that waits sends the request again by itself.
const retryAfter = 1

// notFound reports that there is no usage and, if it is known, why. The reason stays NotFound, which is what
// clients act on.
func notFound(resource schema.GroupResource, name, message string) error {
	err := apierrors.NewNotFound(resource, name)
	if message != "" {
		err.ErrStatus.Message += ": " + message
	}
	return err
}

// interrupted reports that there was no time to read a list to its end.
func interrupted(resource schema.GroupResource, cause error) error {
	return apierrors.NewTimeoutError(fmt.Sprintf("%s could not be listed in time: %v", resource, cause), retryAfter)
}

// unavailable reports that it is too early for a truthful response. An empty list would be read as "nothing uses anything".
func unavailable(resource schema.GroupResource, name string, cause error) error {
	return serviceUnavailable(resource, name, fmt.Sprintf("%s cannot be served yet: %v", resource, cause))
}

// expired reports that what was known is too old to be served.
func expired(resource schema.GroupResource, cause error) error {
	return serviceUnavailable(resource, "", fmt.Sprintf("%s cannot be served: %v", resource, cause))
}

func serviceUnavailable(resource schema.GroupResource, name, message string) error {
	err := apierrors.NewServiceUnavailable(message)
	err.ErrStatus.Details = &metav1.StatusDetails{Group: resource.Group, Kind: resource.Resource, Name: name, RetryAfterSeconds: retryAfter}
	return err
}
