package encode_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEscapes has each character alone in a text, and what is no character at all.
func TestEscapes(t *testing.T) {
	texts := []string{"\u2028", "\u2029", "\ufffd", "\U0001f6a2", "\xff", "\xc3", "\xed\xa0\x80", "a\xf0b"}
	for c := range rune(0x180) {
		texts = append(texts, string(c), "a"+string(c), string(c)+"z")
	}
	for _, text := range texts {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			u := &usage.Pod{Time: time.Unix(1, 0), Window: 1, Containers: []usage.Container{{Name: text}}}
			comparePod(t, objectOf(text, text, 1, map[string]string{text: text}), u)
		})
	}
}
