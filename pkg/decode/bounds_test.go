package decode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestBombs decodes small bodies of more elements than any kubelet reports, which must cost no more than their own size, twice for the copy
// of what is wanted of them, and what is known of as many containers as there may be.
func TestBombs(t *testing.T) {
	var series strings.Builder
	for i := range maxSeries + 1 {
		fmt.Fprintf(&series, "container_start_time_seconds{container=\"a\",namespace=\"n\",pod=\"%d\"} 1.7e9\n", i)
	}
	decoder := func(body []byte) (n sample.Node, err error) {
		return n, (&ResourceDecoder{Extra: sample.AllResources}).Decode(t.Context(), body, &n)
	}
	tests := []struct {
		name   string
		decode func([]byte) (sample.Node, error)
		body   string
		want   error
	}{
		{"series", resource, series.String(), ErrTooMany},
		{"series for a decoder", decoder, series.String(), ErrTooMany},
		{"lines", decoder, strings.Repeat("#\n", 1_000_000), ErrTooMany},
		{"empty objects", summary, `{"node":{"nodeName":"n"},"pods":[{}` + strings.Repeat(",{}", maxObjects) + "]}", ErrTooMany},
		{"numbers", summary, `{"node":{"nodeName":"n"},"pods":[1` + strings.Repeat(",1", maxValues+1) + "]}", ErrTooMany},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.body)
			got := int64(allocated(func() {
				if _, err := tt.decode(body); !errors.Is(err, tt.want) {
					t.Errorf("got error %.100v, want %v", err, tt.want)
				}
			}))
			if most := int64(2*len(body) + maxConstant); got > most {
				t.Errorf("allocated %d bytes for a body of %d", got, len(body))
			}
		})
	}
}
