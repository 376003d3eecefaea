package doctor

import (
	"net"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// check asks one question.
type check struct {
	name string
	run  func(*Facts, *section)
}

// checksOf are the checks for a target, in the order of the way of a request.
func checksOf(t Target) []check {
	checks := []check{
		{"apiservices", checkAPIServices},
		{"certificate", checkCertificate},
		{"front-proxy", checkFrontProxy},
		{"server-rights", checkServerRights},
		{"user-rights", checkUserRights},
		{"service", checkService},
		{"api", checkAPI},
		{"clocks", checkClocks},
	}
	switch {
	case t.Pod.Name != "":
		return append(checks, check{"pod", checkPod})
	case t.Node != "":
		return append(checks, check{"node", checkNodes})
	}
	return append(checks, check{"nodes", checkNodes}, check{"autoscalers", checkAutoscalers})
}

// reasonFor is an error of a request in few words.
func reasonFor(err error) string {
	switch {
	case apierrors.IsForbidden(err):
		return "you have no right to do so"
	case apierrors.IsNotFound(err):
		return "it does not exist"
	case isTimeout(err):
		return "there was no response in time"
	}
	return err.Error()
}

func isTimeout(err error) bool {
	timeout, ok := err.(net.Error) //nolint:errorlint // The outermost error of a request is of net/url, which reports the timeout of what it wraps.
	return ok && timeout.Timeout() || strings.Contains(err.Error(), "context deadline exceeded")
}
