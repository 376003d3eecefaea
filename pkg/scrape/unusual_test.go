package scrape

import (
	"context"
	"strings"
	"testing"
	"time"

	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestUnusualResponsesAreCounted has a kubelet name containers that the objects of their pods do not have, in texts that the full parser reads, and
// another one that does neither.
func TestUnusualResponsesAreCounted(t *testing.T) {
	unusual := func(c *testConfig) {
		c.Sources[0].NewDecoder = newDecoder(func(context.Context, []byte) (sample.Node, error) {
			return sample.Node{Unexpected: 3, FullParse: true}, nil
		})
	}
	for _, tt := range []struct {
		name   string
		change func(*testConfig)
		want   string
	}{
		{"unusual", unusual, `# HELP plimsoll_full_parses_total [ALPHA] Responses of kubelets that are not written as kubelets write, so that a slower parser read them.
# TYPE plimsoll_full_parses_total counter
plimsoll_full_parses_total{cluster=""} 2
# HELP plimsoll_unexpected_containers_total [ALPHA] Containers in responses of kubelets that the objects of their pods do not have, or that are not served, as ephemeral ones are.
# TYPE plimsoll_unexpected_containers_total counter
plimsoll_unexpected_containers_total{cluster=""} 6
`},
		{"as kubelets write", nil, `# HELP plimsoll_unexpected_containers_total [ALPHA] Containers in responses of kubelets that the objects of their pods do not have, or that are not served, as ephemeral ones are.
# TYPE plimsoll_unexpected_containers_total counter
plimsoll_unexpected_containers_total{cluster=""} 0
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.change, func(t *testing.T, b *env) {
				b.Set(node("a"))
				<-time.After(time.Second + resolution)
				names := []string{"plimsoll_full_parses_total", "plimsoll_unexpected_containers_total"}
				if err := testutil.GatherAndCompare(b.registry, strings.NewReader(tt.want), names...); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
