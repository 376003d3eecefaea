package soak

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// config is the size of a soak, from the environment. The small form, which CI runs, is NODES=20 PODS=10 MINUTES=2 RESOLUTION=5s.
type config struct {
	// seed is SEED: what is random is drawn from it. A random one by default.
	seed uint64
	// nodes is NODES, 1,000 by default; pods is PODS, 30 by default: how many run on each node, in addition to those that come and go.
	nodes, pods int
	// length is MINUTES: how long it lasts, half an hour by default.
	length time.Duration
	// resolution is RESOLUTION, 15s by default.
	resolution time.Duration
	// calm is CALM: there are no faults, which shows how much the figures vary by themselves.
	calm bool
}

func (c config) String() string {
	return fmt.Sprintf("soak: SEED=%d NODES=%d PODS=%d MINUTES=%g RESOLUTION=%s CALM=%t",
		c.seed, c.nodes, c.pods, c.length.Minutes(), c.resolution, c.calm)
}

// configFrom reads the environment.
func configFrom(get func(string) string) (config, error) {
	var errs []error
	number := func(name string, usual float64) float64 {
		text := get(name)
		if text == "" {
			return usual
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n <= 0 {
			errs = append(errs, fmt.Errorf("%s=%s must be a positive number", name, text))
		}
		return n
	}
	c := config{seed: rand.Uint64(), resolution: 15 * time.Second, calm: get("CALM") != ""}
	c.nodes, c.pods = int(number("NODES", 1000)), int(number("PODS", 30))
	c.length = time.Duration(number("MINUTES", 30) * float64(time.Minute))
	var err error
	if text := get("SEED"); text != "" {
		if c.seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			errs = append(errs, fmt.Errorf("SEED=%s must be a number: %w", text, err))
		}
	}
	if text := get("RESOLUTION"); text != "" {
		if c.resolution, err = time.ParseDuration(text); err != nil {
			errs = append(errs, fmt.Errorf("RESOLUTION=%s must be a duration: %w", text, err))
		}
	}
	return c, errors.Join(errs...)
}

// random is a source for one part of the soak, which does not depend on what others draw.
func (c config) random(part uint64) *rand.Rand { return rand.New(rand.NewPCG(c.seed, part)) }
