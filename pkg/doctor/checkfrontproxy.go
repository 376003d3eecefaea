package doctor

import (
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/cert"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// The keys of the ConfigMap that concern the front proxy, which is how the API server authenticates to aggregated servers.
const (
	frontProxyAuthorities = "requestheader-client-ca-file"
	frontProxyNames       = "requestheader-allowed-names"
)

// checkFrontProxy checks what the API server publishes about the certificate that it presents to aggregated servers.
func checkFrontProxy(f *Facts, s *section) {
	object := "configmap/" + authenticationNamespace + "/" + authenticationConfigMap
	switch err := f.Authentication.Err; {
	case apierrors.IsNotFound(err):
		s.find(cause.FrontProxyNoAuthority, object, "the ConfigMap does not exist")
		return
	case err != nil:
		s.unknown("the ConfigMap %s/%s could not be read: %s", authenticationNamespace, authenticationConfigMap, reasonFor(err))
		return
	}
	text := f.Authentication.Value[frontProxyAuthorities]
	if strings.TrimSpace(text) == "" {
		s.find(cause.FrontProxyNoAuthority, object, "")
		return
	}
	authorities, err := cert.ParseCertsPEM([]byte(text))
	if err != nil {
		s.find(cause.FrontProxyInvalid, object, err.Error())
		return
	}
	valid := 0
	for _, c := range authorities {
		if c.NotBefore.Before(f.Time) && c.NotAfter.After(f.Time) {
			valid++
		}
	}
	if valid == 0 {
		s.find(cause.FrontProxyInvalid, object, fmt.Sprintf("the certificate of %s is valid from %s to %s", authorities[0].Subject, authorities[0].NotBefore.UTC(), authorities[0].NotAfter.UTC()))
		return
	}
	s.ok("%d valid authorities; allowed names: %s", valid, allowedNames(f.Authentication.Value[frontProxyNames]))
}

// allowedNames are the names that the front proxy's certificate may have: any where there is none.
func allowedNames(text string) string {
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil || len(names) == 0 {
		return "all"
	}
	return strings.Join(names, ", ")
}
