package decode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestBombs decodes small bodies of very many elements, which must cost no more than their own size.
func TestBombs(t *testing.T) {
	var series strings.Builder
	for i := range maxSeries + 1 {
		fmt.Fprintf(&series, "container_start_time_seconds{container=\"a\",namespace=\"n\",pod=\"%d\"} 1.7e9\n", i)
	}
	decoder := func(body []byte) (n sample.Node, err error) { return n, new(ResourceDecoder).Decode(body, &n) }
	tests := []struct {
		name   string
		decode func([]byte) (sample.Node, error)
		body   string
		want   error
	}{
		{"series", Resource, series.String(), ErrSyntax},
		{"series for a decoder", decoder, series.String(), ErrSyntax},
		{"lines", decoder, strings.Repeat("#\n", 1_000_000), ErrEmpty},
		{"empty objects", Summary, `{"node":{"nodeName":"n"},"pods":[{}` + strings.Repeat(",{}", maxObjects) + "]}", ErrSyntax},
		{"numbers", Summary, `{"node":{"nodeName":"n"},"pods":[1` + strings.Repeat(",1", maxValues+1) + "]}", ErrSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := []byte(tt.body)
			result := testing.Benchmark(func(b *testing.B) {
				for range b.N {
					if _, err := tt.decode(body); !errors.Is(err, tt.want) {
						t.Fatalf("got error %.100v, want %v", err, tt.want)
					}
				}
			})
			if got, most := result.AllocedBytesPerOp(), int64(2*len(body)); got > most {
				t.Errorf("allocated %d bytes for a body of %d", got, len(body))
			}
		})
	}
}
