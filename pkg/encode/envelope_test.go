package encode_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEnvelope wraps objects of sizes whose length takes one byte, two and three.
func TestEnvelope(t *testing.T) {
	for _, size := range []int{0, 1, 127, 128, 16383, 16384, 100_000} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			raw := bytes.Repeat([]byte("x"), size)
			unknown := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "metrics.k8s.io/v1", Kind: "PodMetrics"}, Raw: raw}
			want, err := unknown.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			got := slices.Concat(encode.EnvelopeHead("metrics.k8s.io/v1", "PodMetrics", size), raw, encode.EnvelopeTail())
			if !bytes.Equal(want, got) {
				t.Errorf("got %.80q, want %.80q", got, want)
			}
		})
	}
}

// TestListLikeTheLibrary puts a list together from its parts.
func TestListLikeTheLibrary(t *testing.T) {
	for _, count := range []int{0, 1, 2, 500} {
		t.Run(fmt.Sprintf("%d items", count), func(t *testing.T) {
			remaining := int64(count)
			want := &metricsv1beta1.NodeMetricsList{ListMeta: metav1.ListMeta{ResourceVersion: "12345", Continue: strings.Repeat("x", count)}}
			if count > 1 {
				want.RemainingItemCount = &remaining
			}
			got := encode.ListHead(&want.ListMeta)
			size := len(got)
			for i := range count {
				o := objectOf("", fmt.Sprintf("n%d", i), 1, nil)
				u := &usage.Node{Time: time.Unix(1, 0), Window: 1, CPU: uint64(i), Memory: uint64(i)}
				want.Items = append(want.Items, metricsv1beta1.NodeMetrics{
					ObjectMeta: o.api, Timestamp: metav1.NewTime(u.Time), Window: metav1.Duration{Duration: u.Window},
					Usage: resources(u.CPU, u.Memory, nil),
				})
				text := encode.NodeProtobuf(nil, o.meta, u)
				size += encode.ItemSize(len(text))
				got = append(encode.ItemHead(got, len(text)), text...)
			}
			message, err := want.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(message, got) {
				t.Errorf("got %.80q, want %.80q", got, message)
			}
			if size != len(message) {
				t.Errorf("its size was given as %d, it is %d", size, len(message))
			}
		})
	}
}
