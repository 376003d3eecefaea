package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ErrNoNamespace is returned where a server cannot have the mounts of a pod: this machine, or this user, has no mount namespaces.
var ErrNoNamespace = errors.New("no mount namespace can be made here: be root, and have unshare and mount")

// mountAccount puts the folder $0 where a pod finds its account, for itself alone, and becomes the program that follows. /run is
// hidden: the place may not exist, and no other process should see it.
const mountAccount = `set -e
account=/var/run/secrets/kubernetes.io/serviceaccount
mount -t tmpfs -o mode=0755 tmpfs /var/run
mkdir -p "$account"
mount --bind "$0" "$account"
exec "$@"`

// StartPodServer is StartBareServer for a Plimsoll with all that a pod of the cluster finds: a mounted token of Plimsoll's
// account, the cluster's authority in the same folder, and the API server's address in the environment. The error may be ErrNoNamespace.
func (c *Cluster) StartPodServer(ctx context.Context, args ...string) (*Server, error) {
	if out, err := exec.CommandContext(ctx, "unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/var/run").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %w: %s", ErrNoNamespace, err, strings.TrimSpace(string(out)))
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoNamespace, err)
	}
	folder, err := c.mountable(ctx)
	if err != nil {
		return nil, err
	}
	api, err := url.Parse(c.AdminConfig().Host)
	if err != nil {
		return nil, fmt.Errorf("read the address of the API server: %w", err)
	}
	return c.launch(ctx, []string{unshare, "--mount", "sh", "-c", mountAccount, folder,
		"env", "KUBERNETES_SERVICE_HOST=" + api.Hostname(), "KUBERNETES_SERVICE_PORT=" + api.Port()}, args)
}

// mountable makes the folder that the kubelet would mount into Plimsoll's pod.
func (c *Cluster) mountable(ctx context.Context) (string, error) {
	request, err := c.Client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, service, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("request a token for plimsoll's account: %w", err)
	}
	folder, err := os.MkdirTemp(c.options.Dir, "account-")
	if err != nil {
		return "", fmt.Errorf("make the folder of plimsoll's account: %w", err)
	}
	for name, content := range map[string][]byte{"token": []byte(request.Status.Token), "ca.crt": c.CABundle(), "namespace": []byte(namespace)} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return "", fmt.Errorf("write plimsoll's account: %w", err)
		}
	}
	return folder, nil
}
