package otlp

import (
	"context"
	"mime"
	"net/http"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

const contentType = "application/x-protobuf"

// httpSender sends requests over HTTP.
type httpSender struct {
	endpoint *endpoint.Endpoint
	gzip     bool
}

func newHTTPSender(c Config) (sender, error) {
	target, err := endpoint.New(c.Endpoint)
	if err != nil {
		return nil, err
	}
	return &httpSender{target, c.Gzip}, nil
}

// Send implements [export.Sender].
func (s *httpSender) Send(ctx context.Context, p export.Payload) error {
	header := http.Header{"Content-Type": {contentType}}
	if s.gzip {
		header.Set("Content-Encoding", "gzip")
	}
	resp, err := s.endpoint.Post(ctx, "", p.Body, header)
	if err != nil {
		return err
	}
	if !resp.OK() {
		resp.Body = statusMessage(resp)
		// The protocol names the statuses of errors that pass, 429, 502, 503 and 504. Of the others, those about the client, such as 401, can pass too.
		return resp.Err(time.Now(), http.StatusInternalServerError, http.StatusNotImplemented)
	}
	return partialError(partialSuccess(resp.Body))
}

// partialSuccess is nil where nothing was refused, and where a receiver answers with another type: its status says that the data was taken.
func partialSuccess(body []byte) *collectorpb.ExportMetricsPartialSuccess {
	var answer collectorpb.ExportMetricsServiceResponse
	if proto.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.GetPartialSuccess()
}

// statusMessage is what the receiver says. A receiver that follows the protocol says it in a message of google.rpc.
func statusMessage(resp endpoint.Response) []byte {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var message status.Status
	if media != contentType || proto.Unmarshal(resp.Body, &message) != nil {
		return resp.Body
	}
	return []byte(message.GetMessage())
}

// partialError is the error of a request of which a part was refused; nil for none. A receiver that refuses nothing may say something all the same.
func partialError(partial *collectorpb.ExportMetricsPartialSuccess) error {
	if partial.GetRejectedDataPoints() <= 0 {
		return nil
	}
	return &export.PartlyRejectedError{Points: int(partial.GetRejectedDataPoints()), Reason: excerpt.Of(partial.GetErrorMessage())}
}
