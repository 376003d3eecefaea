//go:build linux

package realnode

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// The documents of an image, as far as it takes to run one program
// (https://github.com/opencontainers/image-spec/blob/main/spec.md).

const manifestType = "application/vnd.oci.image.manifest.v1+json"

type imageIndex struct {
	SchemaVersion int          `json:"schemaVersion"`
	Manifests     []descriptor `json:"manifests"`
}

type imageManifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type imageConfig struct {
	Architecture string    `json:"architecture"`
	OS           string    `json:"os"`
	Config       runConfig `json:"config"`
	RootFS       rootFS    `json:"rootfs"`
}

type runConfig struct {
	User       string   `json:"User,omitempty"`
	Entrypoint []string `json:"Entrypoint"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// blob is content that is known by its digest.
type blob []byte

// blobOf encodes a document. None of those above can fail to be encoded.
func blobOf(document any) blob {
	content, _ := json.Marshal(document)
	return content
}

func (b blob) digest() string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

func (b blob) path() string { return fmt.Sprintf("blobs/sha256/%x", sha256.Sum256(b)) }

func (b blob) descriptor(mediaType string) descriptor {
	return descriptor{MediaType: mediaType, Digest: b.digest(), Size: len(b)}
}
