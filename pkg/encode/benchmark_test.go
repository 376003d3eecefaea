package encode_test

import (
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// BenchmarkPod writes one pod of two containers, whose numbers are new, into room that is there.
func BenchmarkPod(b *testing.B) {
	meta := objectOf("shop", "web-5b8d8b6f5c-x2k4p", 1_760_000_000, map[string]string{"app": "web", "pod-template-hash": "5b8d8b6f5c"}).meta
	used := &store.PodUsage{Time: time.Unix(1_760_000_100, 0), Window: 13402 * time.Millisecond, Containers: []store.ContainerUsage{
		{Name: "web", CPU: 12_345_678, Memory: 64 << 20}, {Name: "proxy", CPU: 1_000_000, Memory: 8 << 20},
	}}
	for _, bb := range []struct {
		name  string
		write func([]byte, encode.Meta, *store.PodUsage) []byte
	}{{"JSON", encode.PodJSON}, {"protobuf", encode.PodProtobuf}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			var room []byte
			for b.Loop() {
				room = bb.write(room[:0], meta, used)
			}
			b.SetBytes(int64(len(room)))
		})
	}
}
