package otlp

import (
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/export"
)

// classify says of the error of a call whether the payload can be sent again.
func (s *grpcSender) classify(err error) error {
	answer := status.Convert(err)
	if text := string(s.config.Redact([]byte(answer.Message()))); text != answer.Message() {
		err = status.Error(answer.Code(), text)
	}
	err = fmt.Errorf("%s: %w", s.shown, excerpt.Error(err))
	after, asked := retryDelay(answer)
	switch {
	case !canPass(answer.Code(), asked):
		return fmt.Errorf("%w: %w", export.ErrRejected, err)
	case after > 0:
		return &export.RetryLaterError{After: after, Err: err}
	}
	return err
}

// canPass is true of the codes that the protocol names for a call that may be repeated, and of those about who calls and which service: these end once the
// configuration is right. Exhausted resources are recovered from where the receiver says when to call again; else it is the request that is too large.
func canPass(code codes.Code, retryAsked bool) bool {
	switch code {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss,
		codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return true
	case codes.ResourceExhausted:
		return retryAsked
	default:
		return false
	}
}

// retryDelay is when the receiver asks to be called again, from now.
func retryDelay(answer *status.Status) (after time.Duration, asked bool) {
	for _, detail := range answer.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return max(0, info.GetRetryDelay().AsDuration()), true
		}
	}
	return 0, false
}
