package doctor

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// certificateFlag is the flag of a server that makes its own certificate.
const certificateFlag = "--serving-certificate-service"

// checkServerRights checks that Plimsoll's account has the rights of the manifests.
func checkServerRights(f *Facts, s *section) {
	certificate := f.makesCertificate()
	var needed []RightFact
	for _, right := range f.ServerRights {
		if certificate || !right.Certificate {
			needed = append(needed, right)
		}
	}
	account := "service account " + f.Account.String()
	s.checkRights(needed, cause.RBACServer, account, account)
}

// checkUserRights checks that the user of this command may read usage.
func checkUserRights(f *Facts, s *section) { s.checkRights(f.UserRights, cause.RBACUser, "you", "") }

// checkRights reports the rights that a subject does not have, with a detail.
func (s *section) checkRights(rights []RightFact, missing cause.Cause, subject, detail string) {
	var failed error
	allowed := 0
	for _, right := range rights {
		switch {
		case right.Err != nil:
			failed = right.Err
		case right.Allowed:
			allowed++
		default:
			s.find(missing, right.String(), detail)
		}
	}
	if failed != nil {
		s.unknown("rights of %s could not be reviewed: %s", subject, reasonFor(failed))
	}
	s.ok("%s: %d of %d rights", subject, allowed, len(rights))
}

// makesCertificate is false where the pods of the server are known, and none makes a certificate.
func (f *Facts) makesCertificate() bool {
	if f.Pods.Err != nil || len(f.Pods.Value) == 0 {
		return true
	}
	for _, pod := range f.Pods.Value {
		for _, c := range pod.Spec.Containers {
			for _, arg := range c.Args {
				if strings.HasPrefix(arg, certificateFlag) {
					return true
				}
			}
		}
	}
	return false
}
