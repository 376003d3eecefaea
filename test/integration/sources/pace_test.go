package sources

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// longStep is longer than any step on a machine that has time. memory is how long a delay is of importance.
const longStep, memory = 500 * time.Millisecond, 2*resolution + slack

// pace measures how far behind an overloaded machine is, by steps that take longer than they should.
type pace struct{ delays []delay }

// delay is a time that was lost, and when it ended.
type delay struct {
	at   time.Time
	lost time.Duration
}

// took notes a step that has just ended.
func (p *pace) took(step time.Duration) {
	if lost := step - longStep; lost > 0 {
		p.delays = append(p.delays, delay{time.Now(), lost})
	}
}

// behind is the recent delay, and the resolution after which a delayed scrape is repeated; 0 without a delay.
func (p *pace) behind() time.Duration {
	var lost time.Duration
	now := time.Now()
	for _, d := range p.delays {
		if now.Sub(d.at) < memory {
			lost += d.lost
		}
	}
	if lost > 0 {
		lost += resolution
	}
	return lost
}

func TestPace(t *testing.T) {
	for name, tt := range map[string]struct {
		steps []time.Duration
		want  time.Duration
	}{
		"a machine that has time":         {[]time.Duration{200 * time.Millisecond, 300 * time.Millisecond, longStep}, 0},
		"a long step":                     {[]time.Duration{longStep + time.Second, longStep}, time.Second + resolution},
		"two of them":                     {[]time.Duration{longStep + time.Second, longStep + 2*time.Second}, 3*time.Second + resolution},
		"one so long ago that it is past": {append([]time.Duration{time.Minute}, slices.Repeat([]time.Duration{longStep}, int(memory/longStep))...), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pace{}
				for _, step := range tt.steps {
					<-time.After(step)
					p.took(step)
				}
				if got := p.behind(); got != tt.want {
					t.Errorf("%s behind, want %s", got, tt.want)
				}
			})
		})
	}
}
