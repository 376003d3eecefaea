package decode

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

var (
	// ErrKubelet means that the kubelet responded, and reported that it could not collect its metrics.
	ErrKubelet = errors.New("the kubelet could not collect its metrics; see the log of the kubelet")
	// ErrTruncated means that the body ends in the middle, so that what follows is unknown.
	ErrTruncated = errors.New("the response is cut short; check for a proxy or a size limit between here and the kubelet")
	// ErrSyntax means that the body is not in the format that was requested.
	ErrSyntax = errors.New("the response cannot be parsed; check that the address and path are those of a kubelet")
	// ErrPanic means that a decoder, or a parser that it uses, has a fault that the body brought about.
	ErrPanic = errors.New("the decoder failed")
	// ErrTooMany means that the body has many times what any kubelet reports.
	ErrTooMany = errors.New("the response has more series or objects than any kubelet's; check that the address is that of a kubelet")
	// ErrEmpty means that the body holds nothing that a kubelet reports, such as a login page.
	ErrEmpty = errors.New("the response holds no resource metrics; check that the address and path are those of a kubelet")
	// ErrNoExtra means that a summary has none of the extra resources that are wanted.
	ErrNoExtra = errors.New("the summary holds none of the extra resources; pressure needs cgroup v2, a kernel with pressure stall information and Kubernetes 1.34 or newer")
)

// maxQuoted bounds, in bytes, what an error repeats of a body.
const maxQuoted = 80

// beginning is the part of a line that an error may repeat, cut between characters.
func beginning(line []byte) []byte {
	end := min(len(line), maxQuoted)
	for end < len(line) && end > maxQuoted-utf8.UTFMax && !utf8.RuneStart(line[end]) {
		end--
	}
	for len(strconv.Quote(string(line[:end]))) > excerpt.MaxBytes {
		end-- // Escapes are longer than what they stand for.
	}
	return line[:end]
}

// Safely runs a decoder. It turns a panic into ErrPanic, because no body of one kubelet may end the process, and bounds the text of an error.
func Safely(decode func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = excerpt.Error(fmt.Errorf("%w: %v", ErrPanic, fault))
		}
	}()
	return excerpt.Error(decode())
}
