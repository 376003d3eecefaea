package servingcert

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// The resources of the objects that a Manager keeps.
const (
	secretResource     = "secrets"
	apiServiceResource = "apiservices.apiregistration.k8s.io"
)

// apiServices are the own APIServices as they are registered now. complete is false where one of them could not be read.
type apiServices struct {
	own      []*apiregistrationv1.APIService
	complete bool
}

// readAPIServices reads the APIServices and keeps those that lead to the server's Service.
func (m *Manager) readAPIServices(ctx context.Context) (apiServices, []error) {
	var problems []error
	var own []*apiregistrationv1.APIService
	for _, name := range m.config.Names {
		s, err := m.config.APIServices.Get(ctx, name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err): // This version is not registered.
			m.forget(name)
		case err != nil:
			problems = append(problems, denied(err, noRightToAPIService, "get", apiServiceResource, name))
		case !m.isOwn(s):
			m.forget(name)
			m.notice(ctx, "foreign/"+name, foreignAPIService, "apiService", name, "leadsTo", leadsTo(s), "service", m.config.Service)
		default:
			own = append(own, s)
			m.observe(ctx, s)
		}
	}
	return apiServices{own: own, complete: len(problems) == 0}, problems
}

func (m *Manager) isOwn(s *apiregistrationv1.APIService) bool {
	to := s.Spec.Service
	return to != nil && to.Namespace == m.config.Service.Namespace && to.Name == m.config.Service.Name
}

func leadsTo(s *apiregistrationv1.APIService) string {
	if s.Spec.Service == nil {
		return "the API server itself"
	}
	return s.Spec.Service.Namespace + "/" + s.Spec.Service.Name
}

// allHave is true of an authority that is in caBundle of all of them.
func (a apiServices) allHave(authority *x509.Certificate) bool {
	return a.complete && !slices.ContainsFunc(a.own, func(s *apiregistrationv1.APIService) bool { return !holds(s.Spec.CABundle, authority) })
}

// isVerified is true where the API server verifies the server's certificate.
func (a apiServices) isVerified() bool {
	return slices.ContainsFunc(a.own, func(s *apiregistrationv1.APIService) bool { return !s.Spec.InsecureSkipTLSVerify })
}

// writeBundle writes caBundle where it differs. An APIService must not have it and insecureSkipTLSVerify, so one request sets the one and removes the
// other.
func (m *Manager) writeBundle(ctx context.Context, s *apiregistrationv1.APIService, bundle []byte) error {
	if bytes.Equal(s.Spec.CABundle, bundle) && !s.Spec.InsecureSkipTLSVerify {
		m.written[s.Name] = bundle
		return nil
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": s.ResourceVersion},
		"spec":     map[string]any{"caBundle": bundle, "insecureSkipTLSVerify": nil},
	})
	if err != nil {
		return fmt.Errorf("write caBundle of the APIService %s: %w", s.Name, err)
	}
	if _, err := m.config.APIServices.Patch(ctx, s.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return denied(err, noRightToAPIService, "patch", apiServiceResource, s.Name)
	}
	if before, ok := m.written[s.Name]; ok && bytes.Equal(before, bundle) {
		m.notice(ctx, "overwritten/"+s.Name, overwrittenBundle, "apiService", s.Name)
		m.noteFailure(apiServiceResource)
	} else {
		klog.FromContext(ctx).Info("Wrote caBundle of the APIService", "apiService", s.Name, "wasVerified", !s.Spec.InsecureSkipTLSVerify)
	}
	m.written[s.Name] = bundle
	return nil
}
