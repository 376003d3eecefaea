package endpoint

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/component-base/version"
)

// DefaultTimeout is the longest time of one request where [Config.Timeout] is 0.
const DefaultTimeout = 30 * time.Second

// Config says where a sink's requests go, and as whom.
type Config struct {
	// URL is the address of the requests, with scheme http or https, without user information.
	URL string
	// User and Password are those of basic authentication; no user is none. PasswordFile has the password in place of Password.
	User, Password, PasswordFile string
	// Token is sent in place of user and password; empty for none. TokenFile has it in place of Token.
	Token, TokenFile string
	// TokenScheme is the scheme of the token; empty for Bearer.
	TokenScheme string
	// CAFile has the certificates of the authorities that sign the server's; empty for those of the system.
	CAFile string
	// CertFile and KeyFile authenticate to the server; both or none.
	CertFile, KeyFile string
	// ServerName is the name that the server's certificate is verified for; empty for the host of URL.
	ServerName string
	// Insecure leaves the server's certificate unverified.
	Insecure bool
	// Header is sent with each request, such as that of a tenant.
	Header map[string]string
	// Timeout is the longest time of one request with its response; 0 for DefaultTimeout.
	Timeout time.Duration
}

// UserAgent is how Plimsoll names itself and its version.
func UserAgent() string { return "plimsoll/" + version.Get().GitVersion }

// Rest returns the configuration as client-go's, without credentials but a client certificate.
func (c Config) Rest() *rest.Config {
	return &rest.Config{
		Host: c.URL, UserAgent: UserAgent(), Timeout: cmp.Or(c.Timeout, DefaultTimeout),
		TLSClientConfig: rest.TLSClientConfig{
			CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile, ServerName: c.ServerName, Insecure: c.Insecure,
		},
		// Naming it gives each sink connections of its own: without a function, client-go shares them between clients of equal settings.
		Proxy: http.ProxyFromEnvironment,
	}
}

// Address returns the URL without secrets. The error is that of a configuration with which nothing can be sent.
func (c Config) Address() (shown string, err error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "", errors.New("the URL is malformed") // The error of url.Parse quotes it, with a password that may be in it.
	}
	shown = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	switch {
	case u.User != nil:
		return "", fmt.Errorf("the URL of %s contains a user: give it by the options", shown)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return "", fmt.Errorf("the URL %q has neither http:// nor https:// and a host", shown)
	case (c.CertFile == "") != (c.KeyFile == ""):
		return "", fmt.Errorf("%s: a client certificate and its key go together, and one of them is missing", shown)
	}
	if _, err := c.Authorization(); err != nil {
		return "", fmt.Errorf("credentials for %s: %w", shown, err)
	}
	return shown, nil
}
