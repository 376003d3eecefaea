package fleet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// combinators make a fault of others.
var combinators = []string{"Alternate"}

// TestCatalogueIsComplete reads the source of the package: each function that makes a fault has an entry.
func TestCatalogueIsComplete(t *testing.T) {
	var listed []string
	for _, e := range Catalogue() {
		listed = append(listed, e.Name)
	}
	slices.Sort(listed)
	if diff := cmp.Diff(makers(t), listed); diff != "" {
		t.Errorf("the functions that make faults, and the entries of the catalogue (-functions +entries):\n%s", diff)
	}
}

// makers are the exported functions that return a fault, sorted by name.
func makers(t *testing.T) (names []string) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && f.Name.IsExported() && returnsFault(f) && !slices.Contains(combinators, f.Name.Name) {
				names = append(names, f.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func returnsFault(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return ok && result.Name == "Fault"
}

func TestFaultsOfTheCatalogueServe(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, e := range Catalogue() {
		for range 3 {
			if fault := e.Make(r); fault.serve == nil || fault.String() == "none" {
				t.Errorf("%s makes no fault", e.Name)
			}
		}
	}
}

func TestFalsifiedBodies(t *testing.T) {
	f, _ := newFleet(t, Options{})
	addPod(t, f, "node-0001", examplePods()[0])
	text := renderText(f, false)
	wrong := string(falsified([]byte(text)))
	if n := strings.Count(wrong, " 77777777777 "); n != 4 {
		t.Errorf("%d values of memory were replaced, want those of 2 containers, the pod and the node:\n%s", n, wrong)
	}
	if strings.Count(wrong, "\n") != strings.Count(text, "\n") {
		t.Error("the body has another number of lines")
	}
}
