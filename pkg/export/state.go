package export

import (
	"maps"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// state is how it goes with one sink. It is safe for concurrent use.
type state struct {
	mu     sync.Mutex
	counts counts
	// failure is the newest error, and failedAt its time; empty before the first.
	failure  string
	failedAt time.Time
	// logged is the result that was logged last, without digits, and loggedAt its time: ports and times in an error differ each time.
	logged   string
	loggedAt time.Time
}

// counts are numbers of points, but failures of tries, and skipped of records.
type counts struct {
	sent, rejected    int
	skipped, failures int
	dropped           map[string]int
}

// drop counts a payload that is not delivered, by reason.
func (s *state) drop(p Payload, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.dropped == nil {
		s.counts.dropped = map[string]int{}
	}
	s.counts.dropped[reason] += p.Points
}

// send counts a payload to which the sink has responded: so many of its points were rejected.
func (s *state) send(points, rejected int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rejected = min(rejected, points)
	s.counts.sent += points - rejected
	s.counts.rejected += rejected
}

func (s *state) skip(records int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.skipped += records
}

// logInterval is how often at most the log has a line about one sink.
const logInterval = time.Minute

// report records the result of a try, and is true where that is to be logged.
func (s *state) report(err error, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	if err != nil {
		s.counts.failures++
		s.failure, s.failedAt = excerpt.Of(err.Error()), now
		text = strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, s.failure)
	}
	if text == s.logged || !s.loggedAt.IsZero() && now.Sub(s.loggedAt) < logInterval {
		return false
	}
	s.logged, s.loggedAt = text, now
	return true
}

// copy returns what is counted, and the newest error with its time.
func (s *state) copy() (c counts, failure string, failedAt time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c = s.counts
	c.dropped = maps.Clone(c.dropped)
	return c, s.failure, s.failedAt
}
