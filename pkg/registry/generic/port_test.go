package generic_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// port is where ships are read from. It counts how often the numbers of one are encoded, in JSON or in protobuf.
type port struct {
	ships []*ship
	loads map[string]*string
	// cells are those of a ship; a ship without one is encoded for every reader.
	cells map[string]*usage.Cell[string]
	made  int
}

func newPort(names ...string) *port {
	p := &port{loads: map[string]*string{}, cells: map[string]*usage.Cell[string]{}}
	for _, name := range names {
		p.ships = append(p.ships, &ship{Name: name, UID: "u"})
		p.cells[name] = &usage.Cell[string]{}
		p.load(name, "grain")
	}
	return p
}

// load gives a ship other numbers.
func (p *port) load(name, what string) { p.loads[name] = &what }

// change has another object be known of a ship.
func (p *port) change(name string, uid types.UID) {
	for i, s := range p.ships {
		if s.Name == name {
			p.ships[i] = &ship{Name: name, UID: uid}
		}
	}
}

// unknown is the same port without anything that was made before.
func (p *port) unknown() *port { return &port{ships: p.ships, loads: p.loads} }

func (p *port) reader() *generic.Reader[*ship, string] {
	reader := fleet(p.ships, "", nil)
	reader.Read = func(s *ship) (*string, bool) { return p.loads[s.Name], true }
	reader.Cell = func(s *ship) *usage.Cell[string] { return p.cells[s.Name] }
	text := func(b []byte, m encode.Meta, load *string) []byte {
		p.made++
		return fmt.Appendf(b, `{"name":%q,"uid":%q,"load":%q}`, m.Name, m.UID, *load)
	}
	reader.Kind = &generic.Kind[*ship, string]{
		Name: "Ship", JSON: text, Protobuf: text,
		Meta: func(s *ship, _ *string) encode.Meta { return encode.Meta{Name: s.Name, UID: string(s.UID)} },
	}
	return &reader
}

// written is an Item or a List.
type written interface {
	WriteJSON(w io.Writer, version schema.GroupVersion) error
	WriteProtobuf(w io.Writer, version schema.GroupVersion) error
}

// format is one of the two that are written without the API's types.
type format struct {
	name  string
	write func(written, io.Writer, schema.GroupVersion) error
}

func formats() []format {
	return []format{{"JSON", written.WriteJSON}, {"protobuf", written.WriteProtobuf}}
}

func version(name string) schema.GroupVersion {
	return schema.GroupVersion{Group: "sea.example", Version: name}
}

// read is what a client reads: the ship of that name, or all of them for "".
func (p *port) read(t *testing.T, f format, name, inVersion string) string {
	t.Helper()
	var out bytes.Buffer
	if err := f.write(p.object(t, name), &out, version(inVersion)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (p *port) object(t *testing.T, name string) written {
	t.Helper()
	if name == "" {
		list, err := p.reader().List(t.Context(), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	item, err := p.reader().Get("", name)
	if err != nil {
		t.Fatal(err)
	}
	return item
}
