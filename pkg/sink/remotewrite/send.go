package remotewrite

import (
	"context"
	"net/http"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Send implements [export.Sender].
func (s *Sink) Send(ctx context.Context, p export.Payload) error {
	return s.send1(ctx, p.Body)
}

// header1 are the fields of a request of remote write 1.0.
func header1() http.Header {
	return http.Header{
		"Content-Type": {"application/x-protobuf"}, "Content-Encoding": {"snappy"}, "X-Prometheus-Remote-Write-Version": {"0.1.0"},
	}
}

func (s *Sink) send1(ctx context.Context, body []byte) error {
	resp, err := s.endpoint.Post(ctx, "", body, header1())
	if err != nil {
		return err
	}
	return resp.Err(time.Now())
}
