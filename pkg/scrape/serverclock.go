package scrape

import (
	"context"
	"strconv"
	"time"

	"k8s.io/klog/v2"
)

// reportClock logs once that the server's own clock is behind those of most nodes, and once that it is right again. A clock that is taken for one
// and the other by turns is logged for each once in reportPause.
func (m *Manager) reportClock(ctx context.Context, behind time.Duration) {
	wrong := behind > 0
	if m.clockBehind.Load() == wrong || !m.clockReports.isNew(strconv.FormatBool(wrong)) {
		return
	}
	m.clockBehind.Store(wrong)
	logger := klog.FromContext(ctx)
	if wrong {
		logger.Info("The clock of this server is behind those of most nodes: set it, for example by NTP. Until then the readings of nodes are not checked against it",
			"behind", behind.Round(time.Second))
		return
	}
	logger.Info("The clock of this server agrees with those of most nodes again")
}
