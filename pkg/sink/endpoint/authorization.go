package endpoint

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
)

// Authorization returns the value of the header field of this name, with what the files contain now; empty for none.
func (c Config) Authorization() (string, error) {
	if c.Token != "" || c.TokenFile != "" {
		token, err := secret(c.Token, c.TokenFile)
		return cmp.Or(c.TokenScheme, "Bearer") + " " + token, err
	}
	if c.User == "" {
		return "", nil
	}
	password, err := secret(c.Password, c.PasswordFile)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+":"+password)), err
}

// secret returns the value, or what the file contains without space around it.
func secret(value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	content, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(content))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", fmt.Errorf("%s: not one line of text", file)
	}
	return text, nil
}
