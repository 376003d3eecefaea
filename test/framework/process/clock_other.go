//go:build !(linux && amd64)

package process

import (
	"errors"
	"time"
)

// SetClock is not possible here.
func (p *Process) SetClock(time.Duration) error { return errors.ErrUnsupported }
