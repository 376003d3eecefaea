package source_test

import (
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// TestNoMessageRepeatsASecret gives secrets in options that the language does not have.
func TestNoMessageRepeatsASecret(t *testing.T) {
	for _, value := range []string{
		"kubernetes:https://h?token=s3cr3t", "kubernetes?insecure=maybe&bearerToken=s3cr3t", "kubernetes?PASSWORD=s3cr3t&kubeletPort=0",
		"kubernetes:https://h?client_secret=s3cr3t&auth=f", "prometheus:https://h?user=u&pw=s3cr3t", "prometheus:https://h?apiKey=s3cr3t",
	} {
		t.Run(value, func(t *testing.T) {
			_, err := source.Parse(value, flags(), environment)
			if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "REDACTED") {
				t.Errorf("got %v", err)
			}
		})
	}
}
