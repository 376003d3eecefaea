package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// jsonReader walks over a JSON text once, from one value to the next. It keeps nothing of the values that it skips, so that memory follows
// from what the caller selects and not from what the body holds.
type jsonReader struct {
	*jsontext.Decoder
	ctx       context.Context
	selection selection
	rejected  sample.Rejections
	// key is the buffer for a name that is written with escapes.
	key []byte
}

// readJSON reads the body, which is one value, by calling member for each of its names. A value of another type than an object is passed over.
func readJSON(ctx context.Context, body []byte, of selection, member func(r *jsonReader, name []byte) error) (sample.Rejections, error) {
	if err := checkObjects(body); err != nil {
		return sample.Rejections{}, err
	}
	// A buffer is read where it is. Like the Go library's older decoder, the kubelet's own, this one takes a name twice and bytes that are no text.
	r := &jsonReader{
		Decoder: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		ctx:     ctx, selection: of,
	}
	err := r.object(member)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return sample.Rejections{}, readError(body, err)
	}
	return r.rejected, nil
}

// end makes sure that nothing follows.
func (r *jsonReader) end() error {
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.Join(errTrailing, err)
	}
	return nil
}

var errTrailing = errors.New("something follows the end")

// readError describes what is wrong with a body. It quotes little of it, and no name in it.
func readError(body []byte, err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return fmt.Errorf("%w: it has no text", ErrEmpty)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: after %d bytes", ErrTruncated, len(body))
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: it begins %q, and after %d bytes: %.100s", ErrSyntax, beginning(body), syntax.ByteOffset, syntax.Err.Error())
	case errors.Is(err, errTrailing):
		return fmt.Errorf("%w: it begins %q: %w", ErrSyntax, beginning(body), errTrailing)
	}
	return err
}

// object calls member for each name of the object that comes next, to read its value. It is true where there was one; null is none, and a
// value of another type is passed over and counted.
func (r *jsonReader) object(member func(r *jsonReader, name []byte) error) error {
	if ok, err := r.begins('{'); !ok {
		return err
	}
	for r.PeekKind() != '}' {
		name, err := r.name()
		if err != nil {
			return err
		}
		if err := member(r, name); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// list calls element for each element of the list that comes next, to read it. What is no list is passed over, as object does.
func (r *jsonReader) list(element func(r *jsonReader) error) error {
	if ok, err := r.begins('['); !ok {
		return err
	}
	for r.PeekKind() != ']' {
		if err := element(r); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// begins enters a value of a kind. It is false for a value of another kind, which it skips.
func (r *jsonReader) begins(kind jsontext.Kind) (bool, error) {
	switch got := r.PeekKind(); got {
	case kind:
		_, err := r.ReadToken()
		return true, err
	case 'n':
	default:
		r.rejected.Add(sample.Malformed)
	}
	return false, r.SkipValue()
}

// name reads a member's name, which is the caller's until it reads on.
func (r *jsonReader) name() ([]byte, error) {
	raw, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	return r.unquote(raw), nil
}

// unquote is the text of a JSON string.
func (r *jsonReader) unquote(raw []byte) []byte {
	if len(raw) > 2*maxLine {
		return nil // No name that is wanted, and no name of Kubernetes.
	}
	if inner := raw[1 : len(raw)-1]; isKubeletText(inner) {
		return inner
	}
	r.key, _ = jsontext.AppendUnquote(r.key[:0], raw) // An error means invalid UTF-8, which is replaced.
	return r.key
}

// text reads a string into the caller's buffer. null leaves the buffer as it is, and a value of another kind is rejected. One that is longer than
// so many bytes comes back as too long, cut short.
func (r *jsonReader) text(into []byte, most int) ([]byte, error) {
	kind := r.PeekKind()
	if kind != '"' {
		if kind != 'n' {
			r.rejected.Add(sample.Malformed)
		}
		return into, r.SkipValue()
	}
	raw, err := r.ReadValue()
	if err != nil {
		return into, err
	}
	if text := r.unquote(raw); text != nil {
		return append(into[:0], text[:min(len(text), most+1)]...), nil
	}
	return append(into[:0], raw[1:most+2]...), nil
}

// is compares a member's name as the Go library does, which ignores case.
func is(name []byte, want string) bool {
	return len(name) == len(want) && (string(name) == want || bytes.EqualFold(name, []byte(want)))
}
