package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// setter stores an option's value. The error continues a sentence that begins with the option and the value.
type setter func(v *values, value string) error

// AddressTypes are all that a Node may have, in metrics-server's order of preference. Do not change them.
var AddressTypes = []corev1.NodeAddressType{
	corev1.NodeHostName, corev1.NodeInternalDNS, corev1.NodeInternalIP, corev1.NodeExternalDNS, corev1.NodeExternalIP,
}

func toBool(field func(*values) **bool) setter {
	return func(v *values, value string) error {
		b, err := flagvalue.ParseBool(value)
		if err == nil {
			*field(v) = &b
		}
		return err
	}
}

func toFile(field func(*values) *string) setter {
	return func(v *values, value string) error {
		*field(v) = value
		return flagvalue.CheckFile(value)
	}
}

// setAuth ignores an empty value, which manifests for Heapster contain.
func setAuth(v *values, value string) error {
	if value == "" {
		return nil
	}
	return toFile(func(v *values) *string { return &v.auth })(v, value)
}

func setCluster(v *values, value string) error {
	if len(validation.IsDNS1123Label(value)) > 0 {
		return errors.New("must be a DNS label, 1 to 63 of a-z, 0-9 and - with a letter or digit at both ends: leave the option out for the home cluster")
	}
	v.cluster = value
	return nil
}

func setNodeSelector(v *values, value string) error {
	selector, err := labels.Parse(value)
	if err != nil {
		return fmt.Errorf("must be a label selector, such as pool=apps,tier!=edge: %w", err)
	}
	v.nodeSelector = selector
	return nil
}

// Values of kubeletVerify and --kubelet-verify.
const (
	VerifyAddress  = "address"
	VerifyNodeName = "node-name"
)

func setVerify(v *values, value string) error {
	if value != VerifyAddress && value != VerifyNodeName {
		return fmt.Errorf("must be %s or %s", VerifyAddress, VerifyNodeName)
	}
	v.verify = value
	return nil
}

func setPort(v *values, value string) error {
	if v.port = flagvalue.ParsePort(value); v.port == 0 {
		return errors.New("must be a port from 1 to 65535")
	}
	return nil
}

func setAddressTypes(v *values, value string) error {
	var types []corev1.NodeAddressType
	for part := range strings.SplitSeq(value, ",") {
		t := corev1.NodeAddressType(part)
		if !slices.Contains(AddressTypes, t) {
			return fmt.Errorf("must be a list, with commas and no spaces, of %v: %q is none of these", AddressTypes, part)
		}
		types = append(types, t)
	}
	v.addressTypes = types
	return nil
}

func toDuration(field func(*values) *time.Duration, shortest time.Duration, required string) setter {
	return func(v *values, value string) error {
		d, err := flagvalue.ParseDuration(value, shortest, required)
		*field(v) = d
		return err
	}
}
