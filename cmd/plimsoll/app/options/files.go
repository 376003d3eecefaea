package options

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"regexp"

	"k8s.io/client-go/tools/clientcmd"
	certutil "k8s.io/client-go/util/cert"
)

// The checks read the files that a flag or an option names, as the server will later. The error names the flag. An empty file name is valid.

func checkCertificates(flag, file string) error {
	if file == "" {
		return nil
	}
	if _, err := certutil.CertsFromFile(file); err != nil {
		return fmt.Errorf("%s=%s: must be a file of PEM certificates: %w", flag, file, err)
	}
	return nil
}

func checkKeyPair(certFlag, certFile, keyFlag, keyFile string) error {
	switch {
	case certFile == "" && keyFile == "":
		return nil
	case keyFile == "":
		return fmt.Errorf("%s=%s: needs %s too", certFlag, certFile, keyFlag)
	case certFile == "":
		return fmt.Errorf("%s=%s: needs %s too", keyFlag, keyFile, certFlag)
	}
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		return fmt.Errorf("%s=%s, %s=%s: must be a PEM certificate and its key: %w", certFlag, certFile, keyFlag, keyFile, err)
	}
	return nil
}

// checkSecret does not repeat what is in the file.
func checkSecret(option, file string) error {
	if file == "" {
		return nil
	}
	content, err := os.ReadFile(file) //nolint:gosec // a flag names the file
	if err != nil {
		return fmt.Errorf("%s=%s: must be a file with the secret: %w", option, file, err)
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return fmt.Errorf("%s=%s: must be a file with the secret: it is empty", option, file)
	}
	return nil
}

func checkKubeconfig(flag, file string) error {
	if file == "" {
		return nil
	}
	if _, err := clientcmd.BuildConfigFromFlags("", file); err != nil {
		return fmt.Errorf("%s=%s: must be a kubeconfig with a current context: %s", flag, file, repeated.ReplaceAllString(err.Error(), "${1} ..."))
	}
	return nil
}

// repeated matches a message of the YAML library up to what it repeats of the file, and the rest: in a kubeconfig that may be a token.
var repeated = regexp.MustCompile("(?s)(yaml: (?:unknown anchor|anchor|cannot decode|invalid map key|unmarshal errors)).*")
