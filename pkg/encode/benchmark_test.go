package encode_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// BenchmarkPod writes one pod of two containers whose usage is new: into an existing buffer, and as the library does, which makes one
// of the API's types of it first.
func BenchmarkPod(b *testing.B) {
	pod := objectOf("shop", "web-5b8d8b6f5c-x2k4p", 1_760_000_000, map[string]string{"app": "web", "pod-template-hash": "5b8d8b6f5c"})
	used := &usage.Pod{Time: time.Unix(1_760_000_100, 0), Window: 13402 * time.Millisecond, Containers: []usage.Container{
		{Name: "web", CPU: 12_345_678, Memory: 64 << 20}, {Name: "proxy", CPU: 1_000_000, Memory: 8 << 20},
	}}
	for _, bb := range []struct {
		name  string
		write func(buf []byte) ([]byte, error)
	}{
		{"JSON", func(buf []byte) ([]byte, error) { return encode.PodJSON(buf, pod.meta, used), nil }},
		{"protobuf", func(buf []byte) ([]byte, error) { return encode.PodProtobuf(buf, pod.meta, used), nil }},
		{"JSON by the library", func([]byte) ([]byte, error) { return json.Marshal(libraryPod(pod, used)) }},
		{"protobuf by the library", func([]byte) ([]byte, error) { return libraryPod(pod, used).Marshal() }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			var text []byte
			var err error
			for b.Loop() {
				if text, err = bb.write(text[:0]); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(text)))
		})
	}
}
