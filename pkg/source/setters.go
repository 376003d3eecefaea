package source

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

// setter notes an option's value. The error continues a sentence that begins with the option and the value.
type setter func(s *statement, value string) error

var addressTypes = []corev1.NodeAddressType{
	corev1.NodeHostName, corev1.NodeInternalDNS, corev1.NodeInternalIP, corev1.NodeExternalDNS, corev1.NodeExternalIP,
}

func toBool(field func(*statement) **bool) setter {
	return func(s *statement, value string) error {
		b, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("must be true or false")
		}
		*field(s) = &b
		return nil
	}
}

func toFile(field func(*statement) *string) setter {
	return func(s *statement, value string) error {
		switch {
		case value == "":
			return errors.New("must name a file: leave the option out for its default")
		case strings.Contains(value, "://"):
			return errors.New("must name a file, not a URL")
		}
		*field(s) = value
		return nil
	}
}

// setAuth takes an empty value for none at all, as manifests of Heapster's time have it.
func setAuth(s *statement, value string) error {
	if value == "" {
		return nil
	}
	return toFile(func(s *statement) *string { return &s.auth })(s, value)
}

func setCluster(s *statement, value string) error {
	if len(validation.IsDNS1123Label(value)) > 0 {
		return errors.New("must be a DNS label, 1 to 63 of a-z, 0-9 and - with a letter or digit at both ends: leave the option out for the home cluster")
	}
	s.cluster = value
	return nil
}

func setNodeSelector(s *statement, value string) error {
	selector, err := labels.Parse(value)
	if err != nil {
		return fmt.Errorf("must be a label selector, such as pool=apps,tier!=edge: %w", err)
	}
	s.nodeSelector = selector
	return nil
}

func setPort(s *statement, value string) error {
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil || port == 0 {
		return errors.New("must be a port from 1 to 65535")
	}
	s.port = int(port)
	return nil
}

func setAddressTypes(s *statement, value string) error {
	var types []corev1.NodeAddressType
	for part := range strings.SplitSeq(value, ",") {
		t := corev1.NodeAddressType(part)
		if !slices.Contains(addressTypes, t) {
			return fmt.Errorf("must be a list, with commas and no spaces, of %v: %q is none of these", addressTypes, part)
		}
		types = append(types, t)
	}
	s.addressTypes = types
	return nil
}

func setRequestTimeout(s *statement, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return errors.New("must be a duration above 0, such as 10s")
	}
	s.requestTimeout = d
	return nil
}

func setResolution(s *statement, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < minResolution {
		return fmt.Errorf("must be a duration of at least %v, such as 30s", minResolution)
	}
	s.resolution = d
	return nil
}

func setHostIDAnnotation(s *statement, _ string) error {
	s.hostIDAnnotation = true
	return nil
}
