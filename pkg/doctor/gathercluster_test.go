package doctor

import (
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestLeaseSkew has the kubelet's clock differ from the API server's, which notes when the lease was renewed.
func TestLeaseSkew(t *testing.T) {
	written := time.Unix(1_800_000_000, 0)
	entry := func(at time.Time, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Time: &metav1.Time{Time: at}, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const renewTime = `{"f:spec":{"f:renewTime":{}}}`
	tests := []struct {
		name    string
		renewed time.Duration
		fields  []metav1.ManagedFieldsEntry
		want    time.Duration
		known   bool
	}{
		{"equal", 0, []metav1.ManagedFieldsEntry{entry(written, renewTime)}, 0, true},
		{"behind", -5 * time.Minute, []metav1.ManagedFieldsEntry{entry(written, renewTime)}, -5 * time.Minute, true},
		{"ahead", time.Hour, []metav1.ManagedFieldsEntry{entry(written, renewTime)}, time.Hour, true},
		{"another field was written later", time.Hour, []metav1.ManagedFieldsEntry{entry(written, renewTime), entry(written.Add(time.Hour), `{"f:metadata":{"f:labels":{}}}`)}, time.Hour, true},
		{"another client wrote it before", 0, []metav1.ManagedFieldsEntry{entry(written.Add(-time.Hour), renewTime), entry(written, renewTime)}, 0, true},
		{"another client wrote it before, and is listed behind", 0, []metav1.ManagedFieldsEntry{entry(written, renewTime), entry(written.Add(-time.Hour), renewTime)}, 0, true},
		{"unknown when", 0, nil, 0, false},
		{"without a time", 0, []metav1.ManagedFieldsEntry{{FieldsV1: metav1.NewFieldsV1(renewTime)}}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			renewed := metav1.NewMicroTime(written.Add(tt.renewed))
			l := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{ManagedFields: tt.fields}, Spec: coordinationv1.LeaseSpec{RenewTime: &renewed}}
			if got, known := leaseSkew(l); known != tt.known || known && got != tt.want {
				t.Errorf("got %s, %t, want %s, %t", got, known, tt.want, tt.known)
			}
		})
	}
	if _, known := leaseSkew(&coordinationv1.Lease{}); known {
		t.Error("a lease that was never renewed has a skew")
	}
}
