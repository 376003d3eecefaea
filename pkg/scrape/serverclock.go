package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"
)

// reportClock logs once that the server's own clock is behind those of most nodes, and once that it is right again.
func (m *Manager) reportClock(ctx context.Context, behind time.Duration) {
	wrong := behind > 0
	if m.clockBehind.Swap(wrong) == wrong {
		return
	}
	logger := klog.FromContext(ctx)
	if wrong {
		logger.Info("The clock of this server is behind those of most nodes: set it, for example by NTP. Until then the readings of nodes are not checked against it",
			"behind", behind.Round(time.Second))
		return
	}
	logger.Info("The clock of this server agrees with those of most nodes again")
}
