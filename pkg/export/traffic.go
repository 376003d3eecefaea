package export

// traffic are the counters of the network of an object as they were read last; zero before.
type traffic struct {
	received, sent uint64
	time           int64
}

// addRates adds the rates since the reading before, and keeps the counters for the next. There are none where a counter fell, as it does when a pod's
// network is made anew. Counters that are no newer than those before are left out: the kubelet had none.
func (t *traffic) addRates(d *Details) {
	if d.Received.Time == 0 || d.Sent.Time == 0 {
		return
	}
	before, now := *t, traffic{d.Received.Value, d.Sent.Value, d.Received.Time}
	if now.time <= before.time {
		d.Received, d.Sent = Reading{}, Reading{}
		return
	}
	*t = now
	passed := now.time - before.time
	if before.time == 0 || passed > int64(maxDetailAge) || now.received < before.received || now.sent < before.sent {
		return
	}
	seconds := float64(passed) / 1e9
	d.ReceivedRate, d.SentRate, d.RateTime = float64(now.received-before.received)/seconds, float64(now.sent-before.sent)/seconds, now.time
}
