//go:build linux

package realnode

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Image is a container image of one static program.
type Image struct {
	// Name is the complete name, with registry and tag.
	Name string
	// Binary is the path of the program on this machine. It is in the image under the same base name, as the entry point.
	Binary string
	// Links are further paths of the program in the image, such as "bin/server": hard links.
	Links []string
	// User is the user and group that the program runs as, such as "65532:65532"; empty for root.
	User string
}

// Build builds the static program of a Go package of this module.
func Build(ctx context.Context, pkg, path, ldflags string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", ldflags, "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// Import gives the node an image, which cannot be pulled from anywhere.
func (n *Node) Import(ctx context.Context, image Image) error {
	archive, err := os.CreateTemp(n.options.Dir, "image-*.tar")
	if err != nil {
		return fmt.Errorf("make an archive for %s: %w", image.Name, err)
	}
	defer os.Remove(archive.Name())
	defer archive.Close()
	if err := image.Write(archive); err != nil {
		return err
	}
	_, err = n.Ctr(ctx, "images", "import", "--no-unpack", archive.Name())
	return err
}

// Write writes the image as a tar archive of an OCI image layout
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), with the name where containerd searches it.
func (i Image) Write(w io.Writer) error {
	layer, err := i.layer()
	if err != nil {
		return fmt.Errorf("pack %s: %w", i.Name, err)
	}
	config := blobOf(imageConfig{
		Architecture: runtime.GOARCH, OS: "linux",
		Config: runConfig{User: i.User, Entrypoint: []string{"/" + filepath.Base(i.Binary)}},
		RootFS: rootFS{Type: "layers", DiffIDs: []string{layer.digest()}},
	})
	manifest := blobOf(imageManifest{
		SchemaVersion: 2, MediaType: manifestType,
		Config: config.descriptor("application/vnd.oci.image.config.v1+json"),
		Layers: []descriptor{layer.descriptor("application/vnd.oci.image.layer.v1.tar")},
	})
	entry := manifest.descriptor(manifestType)
	entry.Annotations = map[string]string{"io.containerd.image.name": i.Name}
	archive := tar.NewWriter(w)
	for _, file := range []file{
		{"oci-layout", blob(`{"imageLayoutVersion":"1.0.0"}`)},
		{"index.json", blobOf(imageIndex{SchemaVersion: 2, Manifests: []descriptor{entry}})},
		{layer.path(), layer}, {config.path(), config}, {manifest.path(), manifest},
	} {
		if err := add(archive, file.name, file.content, 0o644); err != nil {
			return fmt.Errorf("write the image %s: %w", i.Name, err)
		}
	}
	return archive.Close()
}

// layer is the file system: the program alone, under all its names.
func (i Image) layer() (blob, error) {
	content, err := os.ReadFile(i.Binary)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	if err := add(archive, filepath.Base(i.Binary), content, 0o755); err != nil {
		return nil, err
	}
	for _, link := range i.Links {
		err := archive.WriteHeader(&tar.Header{
			Typeflag: tar.TypeLink, Name: link, Linkname: filepath.Base(i.Binary), Mode: 0o755, Format: tar.FormatPAX,
		})
		if err != nil {
			return nil, err
		}
	}
	err = archive.Close()
	return out.Bytes(), err
}

type file struct {
	name    string
	content blob
}

func add(archive *tar.Writer, name string, content []byte, mode int64) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(content)), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := archive.Write(content)
	return err
}
