//go:build linux

package realnode

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The archive is followed from its index to the program, as a container runtime does.
func TestImageLeadsToTheProgram(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(binary, []byte("a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (Image{Name: "example.com/server:v1", Binary: binary, User: "65532:65532"}).Write(&out); err != nil {
		t.Fatal(err)
	}
	files, _ := untar(t, &out)
	var index imageIndex
	decode(t, files["index.json"], &index)
	if name := index.Manifests[0].Annotations["io.containerd.image.name"]; name != "example.com/server:v1" {
		t.Errorf("name %q", name)
	}
	var manifest imageManifest
	decode(t, follow(t, files, index.Manifests[0]), &manifest)
	var config imageConfig
	decode(t, follow(t, files, manifest.Config), &config)
	if diff := cmp.Diff(runConfig{User: "65532:65532", Entrypoint: []string{"/server"}}, config.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	layer := follow(t, files, manifest.Layers[0])
	if diff := cmp.Diff([]string{blob(layer).digest()}, config.RootFS.DiffIDs); diff != "" {
		t.Errorf("layers in the config (-want +got):\n%s", diff)
	}
	content, modes := untar(t, bytes.NewReader(layer))
	if diff := cmp.Diff(map[string][]byte{"server": []byte("a program")}, content); diff != "" {
		t.Errorf("layer (-want +got):\n%s", diff)
	}
	if modes["server"] != 0o755 {
		t.Errorf("the program has mode %o", modes["server"])
	}
}

func TestImageOfNothing(t *testing.T) {
	err := (Image{Name: "example.com/server:v1", Binary: filepath.Join(t.TempDir(), "server")}).Write(io.Discard)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "example.com/server:v1") {
		t.Errorf("error: %v", err)
	}
}

// follow finds what a descriptor names, and checks what it says.
func follow(t *testing.T, files map[string][]byte, d descriptor) []byte {
	t.Helper()
	content, ok := files["blobs/"+strings.ReplaceAll(d.Digest, ":", "/")]
	if !ok || len(content) != d.Size || fmt.Sprintf("sha256:%x", sha256.Sum256(content)) != d.Digest {
		t.Fatalf("%+v is not what is there: %d bytes", d, len(content))
	}
	return content
}

func untar(t *testing.T, r io.Reader) (files map[string][]byte, modes map[string]int64) {
	t.Helper()
	files, modes = map[string][]byte{}, map[string]int64{}
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, modes
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
		modes[header.Name] = header.Mode
	}
}

func decode(t *testing.T, content []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

// TestImageLinks has further names of the program lead to the same file.
func TestImageLinks(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(binary, []byte("a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	layer, err := (Image{Name: "example.com/server:v1", Binary: binary, Links: []string{"other", "usr/bin/third"}}).layer()
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]string{}
	for archive := tar.NewReader(bytes.NewReader(layer)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag == tar.TypeLink {
			links[header.Name] = header.Linkname
		}
	}
	if diff := cmp.Diff(map[string]string{"other": "server", "usr/bin/third": "server"}, links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}
