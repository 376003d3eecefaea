package apiserver

import "bufio"

// frameSize is how much is written at once, in bytes. With the nine bytes of an HTTP/2 frame's head it fills one TLS record, and not one
// and a little of the next.
const frameSize = 16<<10 - 9

// frameWriter writes in frames. With separateFirst the first write is flushed alone: then the library takes the response for one that is streamed, and
// compresses it if it is large; it compresses no other.
type frameWriter struct {
	*bufio.Writer
	separateFirst bool
}

// Write implements io.Writer.
func (w *frameWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	return n, w.flushFirst(err)
}

// WriteString implements io.StringWriter.
func (w *frameWriter) WriteString(s string) (int, error) {
	n, err := w.Writer.WriteString(s)
	return n, w.flushFirst(err)
}

func (w *frameWriter) flushFirst(err error) error {
	if err != nil || !w.separateFirst {
		return err
	}
	w.separateFirst = false
	return w.Flush()
}
