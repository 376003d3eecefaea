package excerpt

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOf(t *testing.T) {
	long := strings.Repeat("a", MaxBytes)
	for _, tt := range []struct{ name, text, want, quoted string }{
		{"empty", "", "", `""`},
		{"plain", "kubelet", "kubelet", `"kubelet"`},
		{"just short enough", long, long, `"` + long[:MaxBytes-5] + `..."`},
		{"too long", long + "a", long[:MaxBytes-3] + "...", `"` + long[:MaxBytes-5] + `..."`},
		{"lines and colours", "a\nb\x1b[31m", `a\nb\x1b[31m`, `"a\nb\x1b[31m"`},
		{"quotes", `a "b" \c`, `a "b" \c`, `"a \"b\" \\c"`},
		{"another language", "größe", "größe", `"größe"`},
		{"no text", "a\xffb", `a\xffb`, `"a\xffb"`},
		{"text that runs backwards", "a\u202eb", `a\u202eb`, `"a\u202eb"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Of(tt.text); got != tt.want {
				t.Errorf("Of: got %q, want %q", got, tt.want)
			}
			if got := Quote(tt.text); got != tt.quoted {
				t.Errorf("Quote: got %q, want %q", got, tt.quoted)
			}
		})
	}
}

func TestErrorKeepsTheWrappedErrors(t *testing.T) {
	err := Error(fmt.Errorf("%s: %w", strings.Repeat("a", 60_000), io.EOF))
	if !errors.Is(err, io.EOF) || len(err.Error()) != MaxBytes {
		t.Errorf("got %d bytes of text, is io.EOF: %v", len(err.Error()), errors.Is(err, io.EOF))
	}
	if Error(nil) != nil {
		t.Error("no error became one")
	}
}

func FuzzOf(f *testing.F) {
	for _, seed := range []string{"", "HTTP/1.1 200 OK\r\n", strings.Repeat("ä", 150), strings.Repeat("\x00", 100), strings.Repeat(`"`, 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, got := range []string{Of(text), Quote(text)} {
			if len(got) > MaxBytes || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00\x1b") {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
