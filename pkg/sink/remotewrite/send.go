package remotewrite

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// header1 are the fields of a request of remote write 1.0.
func header1() http.Header {
	return http.Header{
		"Content-Type": {"application/x-protobuf"}, "Content-Encoding": {"snappy"}, "X-Prometheus-Remote-Write-Version": {"0.1.0"},
	}
}

// header2 are the fields of a request of remote write 2.0.
func header2() http.Header {
	return http.Header{
		"Content-Type":                      {"application/x-protobuf;proto=io.prometheus.write.v2.Request"},
		"Content-Encoding":                  {"snappy"},
		"X-Prometheus-Remote-Write-Version": {"2.0.0"},
	}
}

// receiverVersion is what responses have shown of the receiver.
type receiverVersion struct {
	// two is that it has taken a message of 2.0, and one that it does not know these.
	two, one atomic.Bool
}

// Send implements [export.Sender].
func (s *Sink) Send(ctx context.Context, p export.Payload) error {
	switch {
	case !s.version2:
		return s.send1(ctx, p.Body)
	case s.receiver.one.Load():
		return s.send2As1(ctx, p.Body)
	}
	resp, err := s.endpoint.Post(ctx, "", p.Body, header2())
	if err != nil {
		return err
	}
	written, counted := samplesWritten(resp)
	switch {
	case s.tooNew(resp, counted):
		return s.fallBack(ctx, p.Body)
	case resp.OK(), resp.Status/100 == 4 && counted && written > 0: // After a failure of the receiver all is sent again.
		s.receiver.two.Store(true)
		return missing(resp, p.Points, written, counted)
	}
	return resp.Err(time.Now())
}

func (s *Sink) send1(ctx context.Context, body []byte) error {
	resp, err := s.endpoint.Post(ctx, "", body, header1())
	if err != nil {
		return err
	}
	return resp.Err(time.Now())
}

func (s *Sink) send2As1(ctx context.Context, body []byte) error {
	old, err := downgrade(body)
	if err != nil {
		return fmt.Errorf("%w: message of remote write 2.0: %w", export.ErrRejected, err)
	}
	return s.send1(ctx, old)
}

// tooNew is true where the response shows that the receiver does not know messages of 2.0: it says so, calls the request a bad one, or reads nothing out of it
// and does not say how many samples it has written, as one of 2.0 has to.
func (s *Sink) tooNew(resp endpoint.Response, counted bool) bool {
	if resp.Status == http.StatusUnsupportedMediaType {
		return true
	}
	return !counted && !s.receiver.two.Load() && (resp.OK() || resp.Status == http.StatusBadRequest)
}

// fallBack sends the payload as 1.0, and from then on each one, if the receiver takes it: a payload that is bad in both forms says nothing about the receiver.
func (s *Sink) fallBack(ctx context.Context, body []byte) error {
	if err := s.send2As1(ctx, body); err != nil {
		return err
	}
	if s.receiver.one.CompareAndSwap(false, true) {
		klog.FromContext(ctx).Info("The receiver does not know remote write 2.0: it is sent 1.0", "sink", s.endpoint.String())
	}
	return nil
}

// samplesWritten is how many samples the receiver has written; counted is false where the response does not say it.
func samplesWritten(resp endpoint.Response) (written int, counted bool) {
	written, err := strconv.Atoi(resp.Header.Get("X-Prometheus-Remote-Write-Samples-Written"))
	return written, err == nil && written >= 0
}

// missing is the error of a request that wrote fewer samples than it had; nil where it wrote all.
func missing(resp endpoint.Response, points, written int, counted bool) error {
	if !counted || written >= points {
		return nil
	}
	return &export.PartlyRejectedError{Points: points - written, Reason: resp.Reason()}
}
