package encode

import (
	"google.golang.org/protobuf/encoding/protowire"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// In protobuf the API wraps an object into a message of its own, runtime.Unknown of k8s.io/apimachinery, behind a magic number.

// Magic is what every object in protobuf begins with.
func Magic() []byte { return []byte("k8s\x00") }

// EnvelopeHead is what stands between the magic number and an object of so many bytes.
func EnvelopeHead(apiVersion, kind string, size int) []byte {
	b := appendMessage(nil, 1, func(b []byte) []byte { return appendText(appendText(b, 1, apiVersion), 2, kind) })
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendVarint(b, uint64(size))
}

// EnvelopeTail is what follows the object: an encoding and a content type, both empty.
func EnvelopeTail() []byte { return appendText(appendText(nil, 3, ""), 4, "") }

// ListHead is what stands before the items of a list.
func ListHead(m *metav1.ListMeta) []byte {
	described, _ := m.Marshal() // Strings and a number have no error.
	return appendMessage(nil, 1, func(b []byte) []byte { return append(b, described...) })
}

// ItemHead appends what stands before an item of so many bytes in a list.
func ItemHead(b []byte, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.BytesType), uint64(size))
}

// ItemSize is how many bytes an item of so many bytes takes in a list.
func ItemSize(size int) int { return protowire.SizeTag(2) + protowire.SizeBytes(size) }
