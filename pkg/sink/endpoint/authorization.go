package endpoint

import (
	"bytes"
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

// minRedacted is the length of the shortest secret that is looked for in a response, in bytes: a shorter one is a part of other words.
const minRedacted = 6

// Redact returns what a server has sent with asterisks in place of the credentials that it was sent: some servers repeat a request in their errors. The length
// stays, because the text may be a part of a binary message.
func (c Config) Redact(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	authorization, _ := c.Authorization() // It was sent: an error is that of a file that is gone.
	_, sent, _ := strings.Cut(authorization, " ")
	secrets := []string{sent, c.Password}
	if c.User != "" {
		plain, _ := base64.StdEncoding.DecodeString(sent)
		secrets = append(secrets, strings.TrimPrefix(string(plain), c.User+":"))
	}
	for name, value := range c.Header {
		if !strings.EqualFold(name, "X-Scope-OrgID") { // A tenant's name is none.
			secrets = append(secrets, value)
		}
	}
	for _, s := range secrets {
		if len(s) >= minRedacted {
			text = bytes.ReplaceAll(text, []byte(s), bytes.Repeat([]byte("*"), len(s)))
		}
	}
	return text
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
