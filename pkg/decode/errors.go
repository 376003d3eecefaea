package decode

import (
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

var (
	// ErrKubelet means that the kubelet answered, and said that it could not collect its metrics.
	ErrKubelet = errors.New("the kubelet could not collect its metrics; its own log says why")
	// ErrTruncated means that the answer ends in the middle, so that what follows is unknown.
	ErrTruncated = errors.New("the answer is cut short; look for a proxy or a size limit between here and the kubelet")
	// ErrSyntax means that the answer is not in the format that was asked for.
	ErrSyntax = errors.New("the answer cannot be parsed; check that the address and path are those of a kubelet")
	// ErrTooMany means that the answer has many times what any kubelet reports.
	ErrTooMany = errors.New("the answer has more in it than any kubelet's; check what answers at that address")
	// ErrEmpty means that the answer holds nothing that a kubelet reports, as with a login page or an empty body.
	ErrEmpty = errors.New("the answer holds no resource metrics; check that the address and path are those of a kubelet")
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
