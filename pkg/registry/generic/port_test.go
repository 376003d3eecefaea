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

// port is where ships are read from. It counts how often the usage of one is encoded, in JSON or in protobuf.
type port struct {
	ships []*ship
	loads map[string]*string
	// cells are those of the ships.
	cells   map[string]*usage.Cell[string]
	encoded int
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

// load gives a ship other usage.
func (p *port) load(name, what string) { p.loads[name] = &what }

// change has another object be known of a ship.
func (p *port) change(name string, uid types.UID) {
	for i, s := range p.ships {
		if s.Name == name {
			p.ships[i] = &ship{Name: name, UID: uid}
		}
	}
}

// unknown is the same port without anything that was encoded before.
func (p *port) unknown() *port {
	other := newPort()
	other.ships, other.loads = p.ships, p.loads
	for _, s := range p.ships {
		other.cells[s.Name] = &usage.Cell[string]{}
	}
	return other
}

func (p *port) storage() *generic.REST[*ship, string] {
	storage := fleet(p.ships, "", nil)
	storage.Read = func(s *ship) (*string, bool) { return p.loads[s.Name], true }
	storage.Cell = func(s *ship) *usage.Cell[string] { return p.cells[s.Name] }
	text := func(b []byte, m encode.Meta, load *string) []byte {
		p.encoded++
		return fmt.Appendf(b, `{"name":%q,"uid":%q,"load":%q}`, m.Name, m.UID, *load)
	}
	storage.Encoding = &generic.Encoding[*ship, string]{
		Name: "Ship", JSON: text, Protobuf: text,
		Meta: func(s *ship, _ *string) encode.Meta { return encode.Meta{Name: s.Name, UID: string(s.UID)} },
	}
	return storage
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
		list, err := p.storage().List(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return list.(written)
	}
	item, err := p.storage().Get(t.Context(), name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return item.(written)
}
