package loglimit

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// These functions log as a library and as the program that it calls.
func libraryLog(w io.Writer, line string)      { fmt.Fprintln(w, line) }
func libraryTwice(w io.Writer, line string)    { libraryLog(w, line); fmt.Fprintln(w, line) }
func libraryDebug(w io.Writer, line string)    { fmt.Fprintln(w, line) }
func libraryCallsOwn(w io.Writer, line string) { ownLog(w, line) }
func ownLog(w io.Writer, line string)          { fmt.Fprintln(w, line) }

func newTestWriter() (w *Writer, log *bytes.Buffer) {
	log = &bytes.Buffer{}
	return &Writer{Next: log, Limited: []string{".library"}, Exempt: []string{".libraryDebug"}}, log
}

func TestLinesOfALibraryAreLimited(t *testing.T) {
	tests := []struct {
		name string
		log  func(io.Writer, string)
		want int
	}{
		{"library", libraryLog, PerMinute},
		{"library, two call sites", libraryTwice, 2 * PerMinute},
		{"library, exempt", libraryDebug, 100},
		{"own", ownLog, 100},
		{"own, called by the library", libraryCallsOwn, 100},
		{"neither", func(w io.Writer, line string) { fmt.Fprintln(w, line) }, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, log := newTestWriter()
			for range 100 {
				tt.log(w, "line")
			}
			if got := strings.Count(log.String(), "line\n") + strings.Count(log.String(), "line next="); got != tt.want {
				t.Errorf("%d lines, want %d:\n%s", got, tt.want, log)
			}
		})
	}
}

// TestOmittedLinesAreCounted has a library log in three minutes, and reads the lines that tell of others.
func TestOmittedLinesAreCounted(t *testing.T) {
	const further = "further lines of this kind are omitted for up to a minute"
	for line, want := range map[string][]string{
		"E reset":         {`E reset next="` + further + `"`, "E reset omittedLines=80", `E reset next="` + further + `"`, "E reset omittedLines=5"},
		`{"msg":"reset"}`: {`{"msg":"reset","next":"` + further + `"}`, `{"msg":"reset","omittedLines":80}`, `{"msg":"reset","next":"` + further + `"}`, `{"msg":"reset","omittedLines":5}`},
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, log := newTestWriter()
				for _, lines := range []int{100, 25, 1} {
					for range lines {
						libraryLog(w, line)
					}
					<-time.After(time.Minute)
				}
				var got []string
				for logged := range strings.Lines(log.String()) {
					if logged = strings.TrimSpace(logged); logged != line {
						got = append(got, logged)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
