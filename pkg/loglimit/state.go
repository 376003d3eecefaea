package loglimit

import (
	"strconv"
	"sync/atomic"
)

// State is what the log has of something that is true or false. It begins as false. It is safe for concurrent use.
type State struct {
	logged  atomic.Bool
	limiter Limiter
}

// Set is true where the state is to be logged: it has changed, and the new one was not logged during Interval. So a state that is true and false by
// turns is logged for each once in Interval, and at last as it stays.
func (s *State) Set(to bool) bool {
	if s.logged.Load() == to || !s.limiter.IsNew(strconv.FormatBool(to)) {
		return false
	}
	s.logged.Store(to)
	return true
}
