package certificates

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// mountedSecret is the one that the component certificate-files mounts.
const mountedSecret = "plimsoll-tls"

// mounted is the content of a Secret in a folder, as the kubelet keeps it: the names lead to a folder that is replaced as a whole.
type mounted struct {
	folder string
	// content is the certificate in the files.
	content []byte
}

func (m *mounted) path(name string) string { return filepath.Join(m.folder, name) }

// await waits until the Secret has another certificate than the files, and writes the files.
func (m *mounted) await(t *testing.T) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		secret, err := env.Client.CoreV1().Secrets(namespace).Get(ctx, mountedSecret, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if content := secret.Data["tls.crt"]; len(content) == 0 || bytes.Equal(content, m.content) {
			return errors.New("the Secret has no new certificate")
		}
		m.content = secret.Data["tls.crt"]
		return m.write(secret.ResourceVersion, secret.Data)
	})
}

// write replaces what the names lead to.
func (m *mounted) write(version string, data map[string][]byte) error {
	const current = "..data"
	before, err := os.Readlink(m.path(current))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Mkdir(m.path(".."+version), 0o700); err != nil {
		return err
	}
	for name, value := range data {
		if err := os.WriteFile(filepath.Join(m.path(".."+version), name), value, 0o600); err != nil {
			return err
		}
		if err := os.Symlink(filepath.Join(current, name), m.path(name)); err != nil && !os.IsExist(err) {
			return err
		}
	}
	if err := os.Symlink(".."+version, m.path("..next")); err != nil {
		return err
	}
	if err := os.Rename(m.path("..next"), m.path(current)); err != nil {
		return fmt.Errorf("have the names lead to the new files: %w", err)
	}
	if before == "" {
		return nil
	}
	return os.RemoveAll(m.path(before))
}
