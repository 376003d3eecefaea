package generic

import "io"

// printer writes until something goes wrong.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) write(text []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(text)
	}
}

func (p *printer) print(texts ...string) {
	for _, text := range texts {
		if p.err == nil {
			_, p.err = io.WriteString(p.w, text)
		}
	}
}
