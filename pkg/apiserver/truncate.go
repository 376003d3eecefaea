package apiserver

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// maxMessage is how long the message of an error may be, in bytes. Plimsoll's own are shorter: a node that neither its kubelet nor an engine brings has
// two causes and the addresses that were tried.
const maxMessage = 2 << 10

// truncate cuts a text to maxSent bytes, and appends how many bytes are missing.
func truncate(text string) string { return truncateTo(text, maxSent) }

func truncateTo(text string, end int) string {
	if len(text) <= end {
		return text
	}
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s...(%d bytes more)", text[:end], len(text)-end)
}

// truncateMessage truncates the long words, which is how names, paths and selectors that were sent stand in messages, to maxSent bytes in all. A
// message that is too long even so is made of words that were sent.
func truncateMessage(message string) string {
	if len(message) <= maxSent {
		return message
	}
	var out strings.Builder
	left := maxSent
	for word := range strings.SplitAfterSeq(message, " ") {
		if bare := strings.TrimSuffix(word, " "); len(bare) > maxSent {
			word, left = truncateTo(bare, left)+word[len(bare):], 0
		}
		out.WriteString(word)
	}
	if out.Len() > maxMessage {
		return truncate(out.String())
	}
	return out.String()
}

// truncatingSerializer truncates the messages of errors, wherever in the server they come from.
type truncatingSerializer struct{ runtime.NegotiatedSerializer }

// EncoderForVersion implements runtime.NegotiatedSerializer.
func (s truncatingSerializer) EncoderForVersion(format runtime.Encoder, version runtime.GroupVersioner) runtime.Encoder {
	return truncatingEncoder{s.NegotiatedSerializer.EncoderForVersion(format, version)}
}

type truncatingEncoder struct{ runtime.Encoder }

// Encode implements runtime.Encoder.
func (e truncatingEncoder) Encode(object runtime.Object, w io.Writer) error {
	if status, ok := object.(*metav1.Status); ok {
		object = truncateStatus(status)
	}
	return e.Encoder.Encode(object, w)
}

func truncateStatus(status *metav1.Status) *metav1.Status {
	out := status.DeepCopy()
	out.Message = truncateMessage(out.Message)
	if d := out.Details; d != nil {
		for _, text := range []*string{&d.Name, &d.Group, &d.Kind} {
			*text = truncate(*text)
		}
		for i := range d.Causes {
			d.Causes[i].Message, d.Causes[i].Field = truncateMessage(d.Causes[i].Message), truncate(d.Causes[i].Field)
		}
	}
	return out
}
