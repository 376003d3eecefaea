package parts

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// PeerManifests returns the folder of the manifests that come with metrics-server, of the version that is its part's. It is read-only.
func PeerManifests(ctx context.Context) (string, error) {
	return folderOfModule(ctx, MetricsServer, "manifests")
}

// CertManagerCRDs returns the folder of cert-manager's CustomResourceDefinitions, of the version that is its part's. It is read-only.
func CertManagerCRDs(ctx context.Context) (string, error) {
	return folderOfModule(ctx, CertManager, "deploy/crds")
}

// folderOfModule returns a folder of the module of a part.
func folderOfModule(ctx context.Context, p Part, name string) (string, error) {
	folder, err := findFolder(ctx)
	if err != nil {
		return "", err
	}
	s, err := loadSource(ctx, folder, p)
	if err != nil {
		return "", err
	}
	out, err := run(ctx, s.dir, "mod", "download", "-json", s.module)
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", s.module, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("reading where %s is: %w", s.module, err)
	}
	return filepath.Join(module.Dir, name), nil
}
