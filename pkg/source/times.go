package source

import (
	"cmp"
	"time"
)

// interval is the time from one scrape to the next.
func (d *draft) interval(def Defaults) time.Duration { return cmp.Or(d.resolution, def.Resolution) }

// timeout limits one request. The flag's has to leave room for the answer to be read before the next scrape.
func (d *draft) timeout(def Defaults) time.Duration {
	if d.requestTimeout > 0 {
		return d.requestTimeout
	}
	return min(def.RequestTimeout, d.interval(def)*9/10)
}

func (d *draft) checkTimes(def Defaults) {
	if d.unclear[times] || d.requestTimeout == 0 {
		return
	}
	if every := d.interval(def); d.requestTimeout >= every {
		d.wrong(": requestTimeout=%v must be shorter than the resolution, %v: shorten the one or lengthen the other", d.requestTimeout, every)
	}
}
