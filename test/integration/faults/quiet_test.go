package faults

import (
	"context"
	"testing"
)

// TestNoAttack measures the figures without an attack.
func TestNoAttack(t *testing.T) {
	attack{name: "no attack", counted: []string{successes}, wage: func(ctx context.Context, _ *testing.T) error {
		<-ctx.Done()
		return nil
	}}.run(t)
}

// successes count the scrapes that found nothing wrong.
const successes = `^plimsoll_scrapes_total{cluster="",result="success"}`
