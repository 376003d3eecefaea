package options

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/util/version"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
	logsapi "k8s.io/component-base/logs/api/v1"
	baseversion "k8s.io/component-base/version"
)

// component is the name that --feature-gates and --emulated-version assume where the user writes none.
const component = compatibility.DefaultKubeComponent

// oldestEmulated is how many minor versions back --emulated-version goes, as in Kubernetes itself.
const oldestEmulated = 3

// newRegistry returns what the flags --feature-gates, --emulated-version and --min-compatibility-version write to.
//
// The gates are the process's own, because the libraries look there. The version is that of the Kubernetes libraries: gates
// are a matter of theirs, and Plimsoll's own version would switch all of them off.
func newRegistry() (compatibility.ComponentGlobalsRegistry, featuregate.FeatureGate, error) {
	gate := utilfeature.DefaultMutableFeatureGate
	registry := compatibility.NewComponentGlobalsRegistry()
	binary := version.MustParse(baseversion.DefaultKubeBinaryVersion)
	oldest := binary.SubtractMinor(oldestEmulated)
	errs := []error{registry.Register(component, compatibility.NewEffectiveVersion(binary, false, oldest, oldest), gate)}
	// A gate that flags were added for is closed to additions, even of what it knows.
	if _, known := gate.GetAll()[logsapi.LoggingAlphaOptions]; !known {
		errs = append(errs, logsapi.AddFeatureGates(gate))
	}
	if err := errors.Join(errs...); err != nil {
		return registry, gate, fmt.Errorf("set up the feature gates: %w", err)
	}
	return registry, gate, nil
}

// ApplyToProcess sets what belongs to the whole process: the feature gates, then the logs, which depend on them. It comes before
// Validate, so that messages of the libraries take the chosen format; logs that Validate will refuse are left as they are.
func (o *Options) ApplyToProcess() error {
	if err := o.ServerRun.ComponentGlobalsRegistry.Set(); err != nil {
		return fmt.Errorf("--feature-gates, --emulated-version or --min-compatibility-version: %w", err)
	}
	if len(logsapi.Validate(o.Logs, o.gate, nil)) > 0 {
		return nil
	}
	if err := logsapi.ValidateAndApply(o.Logs, o.gate); err != nil {
		return fmt.Errorf("apply the logging flags: %w", err)
	}
	return nil
}
