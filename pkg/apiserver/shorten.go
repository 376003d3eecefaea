package apiserver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/authenticator"
)

// maxMessage is how long the message of an error may be, in bytes. Plimsoll's own are shorter.
const maxMessage = 1 << 10

// shorten cuts a text to maxSent bytes, and tells how much is missing.
func shorten(text string) string { return shortenTo(text, maxSent) }

func shortenTo(text string, end int) string {
	if len(text) <= end {
		return text
	}
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s...(%d bytes more)", text[:end], len(text)-end)
}

// shortenMessage shortens the long words, which is how names, paths and selectors that were sent stand in messages, to maxSent bytes in all. A
// message that is too long even so is made of words that were sent.
func shortenMessage(message string) string {
	if len(message) <= maxSent {
		return message
	}
	var out strings.Builder
	left := maxSent
	for len(message) > 0 && out.Len() <= maxMessage {
		end := strings.IndexFunc(message, unicode.IsSpace)
		if end < 0 {
			end = len(message)
		}
		word := message[:end]
		if len(word) > maxSent {
			word, left = shortenTo(word, left), 0
		}
		out.WriteString(word)
		if end < len(message) {
			_, size := utf8.DecodeRuneInString(message[end:])
			out.WriteString(message[end : end+size])
			end += size
		}
		message = message[end:]
	}
	if len(message) > 0 || out.Len() > maxMessage {
		return shorten(out.String() + message)
	}
	return out.String()
}

// shortSerializer is one that shortens errors, wherever in the server they come from.
type shortSerializer struct{ runtime.NegotiatedSerializer }

// EncoderForVersion implements runtime.NegotiatedSerializer.
func (s shortSerializer) EncoderForVersion(format runtime.Encoder, version runtime.GroupVersioner) runtime.Encoder {
	return shortEncoder{s.NegotiatedSerializer.EncoderForVersion(format, version)}
}

type shortEncoder struct{ runtime.Encoder }

// Encode implements runtime.Encoder.
func (e shortEncoder) Encode(object runtime.Object, w io.Writer) error {
	if status, ok := object.(*metav1.Status); ok {
		object = shortenStatus(status)
	}
	return e.Encoder.Encode(object, w)
}

func shortenStatus(status *metav1.Status) *metav1.Status {
	short := status.DeepCopy()
	short.Message = shortenMessage(short.Message)
	if d := short.Details; d != nil {
		for _, text := range []*string{&d.Name, &d.Group, &d.Kind} {
			*text = shorten(*text)
		}
		for i := range d.Causes {
			d.Causes[i].Message, d.Causes[i].Field = shortenMessage(d.Causes[i].Message), shorten(d.Causes[i].Field)
		}
	}
	return short
}

// shortErrors is an authenticator whose errors, which the library logs, repeat little of what was sent.
func shortErrors(a authenticator.Request) authenticator.Request {
	if a == nil {
		return nil
	}
	return authenticator.RequestFunc(func(r *http.Request) (*authenticator.Response, bool, error) {
		response, ok, err := a.AuthenticateRequest(r)
		if err != nil && len(err.Error()) > maxSent {
			err = errors.New(shorten(err.Error()))
		}
		return response, ok, err
	})
}
