package influxdb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// sender is what [Sink.Send] goes by.
type sender struct {
	server *endpoint.Endpoint
	// target is the path of a write, with its query.
	target string
	// database is nil where a bucket is written to, which has to exist.
	database *database
	clock    clock.PassiveClock
}

func newSender(c Config) (sender, error) {
	if c.Endpoint.TokenScheme == "" {
		c.Endpoint.TokenScheme = "Token"
	}
	server, err := endpoint.New(c.Endpoint)
	s := sender{server: server, clock: clock.RealClock{}}
	if c.Bucket != "" {
		s.target = "/api/v2/write?" + url.Values{"bucket": {c.Bucket}, "org": {c.Organization}, "precision": {"ns"}}.Encode()
		return s, err
	}
	// Without a retention policy the points are where dashboards look for them: in the default one of the database.
	s.target = "/write?" + url.Values{"db": {c.Database}, "precision": {"ns"}}.Encode()
	s.database = newDatabase(server, c)
	return s, err
}

// Send implements export.Sender. What the server has already can be sent again: a point replaces the one of the same time.
func (s *Sink) Send(ctx context.Context, p export.Payload) error {
	if db := s.sender.database; db != nil {
		if err := db.create(ctx, s.sender.clock.Now()); err != nil {
			return err
		}
	}
	resp, err := s.sender.server.Post(ctx, s.sender.target, p.Body, http.Header{
		"Content-Encoding": {"gzip"}, "Content-Type": {"text/plain; charset=utf-8"},
	})
	if err != nil {
		return err
	}
	return s.sender.judge(resp, p, s.sender.clock.Now())
}

// judge returns what a response to a write means for the payload.
func (s *sender) judge(resp endpoint.Response, p export.Payload, now time.Time) error {
	answer := readAnswer(resp)
	switch {
	case s.database != nil && strings.Contains(answer.reason, "database not found"):
		return s.database.missing(answer.reason)
	case answer.dropped > 0:
		return &export.PartlyRejectedError{Points: min(answer.dropped, p.Points), Reason: answer.reason}
	case !resp.OK() || answer.reason == "":
		return resp.Err(now)
	case isAboutData(answer.reason):
		return fmt.Errorf("%v: %w: %s", s.server, export.ErrRejected, answer.reason)
	}
	return fmt.Errorf("%v: %w", s.server, errors.New(answer.reason))
}
