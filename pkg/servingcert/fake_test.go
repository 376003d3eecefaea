package servingcert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/utils/clock"
)

const (
	namespace  = "plimsoll-system"
	service    = "plimsoll"
	secretName = "plimsoll-serving-certificate"
)

var versions = []string{"v1.metrics.k8s.io", "v1beta1.metrics.k8s.io"}

// cluster is an API server with one Secret and some APIServices. It has what client-go's fake does not have: resource versions, and the rule that
// caBundle and insecureSkipTLSVerify exclude each other.
type cluster struct {
	mu       sync.Mutex
	version  int
	secret   *corev1.Secret
	services map[string]*apiregistrationv1.APIService
	// lifetimes are those of the replicas.
	lifetimes Lifetimes
	// denied are the requests, as "verb name", that are forbidden; failing fails all of them.
	denied  map[string]bool
	failing error
	// writes counts requests that changed an object, by "verb name".
	writes map[string]int
}

// newCluster has the Secret of the manifests, and both APIServices as they are after kubectl apply.
func newCluster() *cluster {
	c := &cluster{lifetimes: short, services: map[string]*apiregistrationv1.APIService{}, denied: map[string]bool{}, writes: map[string]int{}}
	c.secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: secretName, ResourceVersion: c.next()}, Type: SecretType}
	for _, name := range versions {
		c.services[name] = &apiregistrationv1.APIService{
			ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: c.next()},
			Spec:       apiregistrationv1.APIServiceSpec{Service: &apiregistrationv1.ServiceReference{Namespace: namespace, Name: service}},
		}
	}
	return c
}

func (c *cluster) next() string {
	c.version++
	return strconv.Itoa(c.version)
}

// check is what comes before a request is carried out.
func (c *cluster) check(verb, resource, name string) error {
	if c.failing != nil {
		return c.failing
	}
	if c.denied[verb+" "+name] {
		return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, name, errors.New("no rule allows it"))
	}
	return nil
}

// change counts a write, which must be of the newest version.
func (c *cluster) change(verb string, to, newest *metav1.ObjectMeta) error {
	if to.ResourceVersion != newest.ResourceVersion {
		return apierrors.NewConflict(schema.GroupResource{Resource: "objects"}, to.Name, errors.New("the object has been modified"))
	}
	to.ResourceVersion = c.next()
	c.writes[verb+" "+to.Name]++
	return nil
}

type secrets struct{ *cluster }

func (s secrets) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check("get", "secrets", name); err != nil {
		return nil, err
	}
	if s.secret == nil || s.secret.Name != name {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, name)
	}
	return s.secret.DeepCopy(), nil
}

func (s secrets) Create(_ context.Context, secret *corev1.Secret, _ metav1.CreateOptions) (*corev1.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check("create", "secrets", secret.Name); err != nil {
		return nil, err
	}
	if s.secret != nil {
		return nil, apierrors.NewAlreadyExists(schema.GroupResource{Resource: "secrets"}, secret.Name)
	}
	s.secret = secret.DeepCopy()
	return secret, s.change("create", &s.secret.ObjectMeta, &metav1.ObjectMeta{})
}

func (s secrets) Update(_ context.Context, secret *corev1.Secret, _ metav1.UpdateOptions) (*corev1.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check("update", "secrets", secret.Name); err != nil {
		return nil, err
	}
	secret = secret.DeepCopy()
	if err := s.change("update", &secret.ObjectMeta, &s.secret.ObjectMeta); err != nil {
		return nil, err
	}
	s.secret = secret
	return secret.DeepCopy(), nil
}

type services struct{ *cluster }

func (s services) Get(_ context.Context, name string, _ metav1.GetOptions) (*apiregistrationv1.APIService, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check("get", "apiservices", name); err != nil {
		return nil, err
	}
	if s.services[name] == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "apiservices"}, name)
	}
	return s.services[name].DeepCopy(), nil
}

func (s services) Patch(_ context.Context, name string, pt types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*apiregistrationv1.APIService, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check("patch", "apiservices", name); err != nil {
		return nil, err
	}
	var patch struct {
		Metadata struct{ ResourceVersion string }
		Spec     map[string]any
	}
	if err := json.Unmarshal(data, &patch); err != nil || pt != types.MergePatchType {
		return nil, fmt.Errorf("%s %s: %w", pt, data, err)
	}
	to := s.services[name].DeepCopy()
	if insecure, ok := patch.Spec["insecureSkipTLSVerify"]; ok && insecure == nil {
		to.Spec.InsecureSkipTLSVerify = false
	}
	if err := json.Unmarshal([]byte(`"`+patch.Spec["caBundle"].(string)+`"`), &to.Spec.CABundle); err != nil {
		return nil, err
	}
	if to.Spec.InsecureSkipTLSVerify && len(to.Spec.CABundle) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Kind: "APIService"}, name, nil)
	}
	to.ResourceVersion = patch.Metadata.ResourceVersion
	if err := s.change("patch", &to.ObjectMeta, &s.services[name].ObjectMeta); err != nil {
		return nil, err
	}
	s.services[name] = to
	return to.DeepCopy(), nil
}

// edit changes an APIService as another client would.
func (c *cluster) edit(name string, change func(*apiregistrationv1.APIServiceSpec)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.services[name].Spec)
	c.services[name].ResourceVersion = c.next()
}

// empty removes the data of the Secret as a person would.
func (c *cluster) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secret.Data, c.secret.ResourceVersion = nil, c.next()
}

// bundle is the caBundle of an APIService.
func (c *cluster) bundle(name string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.services[name].Spec.CABundle
}

// data is a copy of what the Secret holds.
func (c *cluster) data() map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.secret.Data)
}

// written is how often something was written by a verb and a name.
func (c *cluster) written(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes[what]
}

// short are lifetimes of which a test sees several.
var short = Lifetimes{Authority: 3 * time.Hour, Serving: 40 * time.Minute, Overlap: 5 * time.Minute, Backdate: time.Hour}

// newManager makes one replica of the server.
func (c *cluster) newManager(t *testing.T) *Manager {
	t.Helper()
	m, err := New(Config{
		Service: types.NamespacedName{Namespace: namespace, Name: service}, Secrets: secrets{c}, APIServices: services{c}, Names: versions,
		Clock: clock.RealClock{}, Lifetimes: c.lifetimes,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
