package scrape

import (
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

// TestUnrequestedBytesAreCounted has a node send bytes that no request asked for, ten times: each is counted, and one is logged.
func TestUnrequestedBytesAreCounted(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		synctest.Wait()
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
		ctx := klog.NewContext(t.Context(), logger)
		for range 10 {
			b.all()[0].conn.OnUnrequestedBytes(ctx)
		}
		want := `# HELP plimsoll_kubelet_connections_closed_total [ALPHA] Connections to kubelets that were closed because of what the kubelet sent, by reason: unrequested_bytes are bytes that no request asked for.
# TYPE plimsoll_kubelet_connections_closed_total counter
plimsoll_kubelet_connections_closed_total{cluster="",reason="unrequested_bytes"} 10
`
		if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want), "plimsoll_kubelet_connections_closed_total"); err != nil {
			t.Error(err)
		}
		text := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
		if strings.Count(text, "\n") != 1 || !strings.Contains(text, `node="a"`) {
			t.Errorf("the log is %q, want one line that names the node", text)
		}
	})
}
