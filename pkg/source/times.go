package source

import (
	"cmp"
	"time"
)

// effectiveResolution is the time from one scrape to the next, in the option or the flag.
func (s *spec) effectiveResolution(def Defaults) time.Duration {
	return cmp.Or(s.resolution, def.Resolution)
}

// effectiveTimeout limits one request. The flag's value is cut so that the response is read before the next scrape.
func (s *spec) effectiveTimeout(def Defaults) time.Duration {
	if s.requestTimeout > 0 {
		return s.requestTimeout
	}
	return min(def.RequestTimeout, s.effectiveResolution(def)*9/10)
}

func (s *spec) checkTimes(def Defaults) {
	if s.unparsed[times] || s.requestTimeout == 0 {
		return
	}
	if every := s.effectiveResolution(def); s.requestTimeout >= every {
		s.errorf(": requestTimeout=%v must be shorter than the resolution, %v: shorten the one or lengthen the other", s.requestTimeout, every)
	}
}
