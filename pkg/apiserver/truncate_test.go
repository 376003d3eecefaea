package apiserver

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTruncateMessage(t *testing.T) {
	long := strings.Repeat("a", 300)
	tests := []struct{ name, message, want string }{
		{"short", `pods "web" not found: node n1 refuses connections`, `pods "web" not found: node n1 refuses connections`},
		{"our own, of several causes", strings.Repeat("node n1 refuses connections, ", 30), strings.Repeat("node n1 refuses connections, ", 30)},
		{"a long word", "path " + long + " is unknown", "path " + long[:200] + "...(100 bytes more) is unknown"},
		{"long words", long + " " + long, long[:200] + "...(100 bytes more) ...(300 bytes more)"},
		{"many words", strings.Repeat("a ", 2000), strings.Repeat("a ", 100) + "...(3800 bytes more)"},
		{"many bytes of other letters", strings.Repeat("é", 300), strings.Repeat("é", 100) + "...(400 bytes more)"},
		{"cut between letters", "x" + strings.Repeat("é", 300), "x" + strings.Repeat("é", 99) + "...(402 bytes more)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := truncateMessage(tt.message); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzTruncateMessage(f *testing.F) {
	f.Add("pods \"web\" not found", 1)
	f.Add("a", 5000)
	f.Add("a ", 5000)
	f.Add("é\u2028", 999)
	f.Fuzz(func(t *testing.T, part string, times int) {
		message := strings.Repeat(part, min(max(times, 0), 1<<20/max(len(part), 1)))
		got := truncateMessage(message)
		if len(got) > maxMessage+maxSent+64 {
			t.Errorf("%d bytes became %d", len(message), len(got))
		}
		if utf8.ValidString(message) && !utf8.ValidString(got) {
			t.Errorf("%q is cut within a letter", got)
		}
		if len(message) <= maxSent && got != message {
			t.Errorf("%q became %q", message, got)
		}
	})
}
