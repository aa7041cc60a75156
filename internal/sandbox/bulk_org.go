package sandbox

import (
	"errors"
	"runtime/debug"
	"time"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/soql"
)

// bulkOrg is the org as its bulk jobs know it.
type bulkOrg struct{ *Org }

// Now is the org's virtual time.
func (b bulkOrg) Now() time.Time { return b.clock.Now() }

// JobID is the record id of the nth job.
func (b bulkOrg) JobID(n uint64) string { return recordID("750", b.pod, n) }

// Crashed logs the panic of a job.
func (b bulkOrg) Crashed(job string, panicked any) {
	b.logger.Error("bulk job crashed", "job", job, "panic", panicked, "stack", string(debug.Stack()))
}

// notInBulk names objects that REST queries and Bulk API does not.
var notInBulk = map[string]bool{
	"taskstatus": true, "taskpriority": true, "casestatus": true, "taskwhorelation": true,
	"eventwhorelation": true, "acceptedeventrelation": true, "attachment": true,
}

// Select understands the query of a job.
func (b bulkOrg) Select(spec bulk.Spec) (bulk.Selection, error) {
	parsed, err := soql.Parse(spec.Query)
	if err != nil {
		var refused *soql.Error
		errors.As(err, &refused)
		return nil, asSOQL(refused)
	}
	defer b.view()()
	s := &bulkSelection{org: b.Org, user: spec.User, query: parsed, all: spec.Operation == bulk.QueryAll}
	if _, err := s.prepare(); err != nil {
		return nil, err
	}
	return s, nil
}

// Target gives the object of an ingest job its own name, and refuses what the
// user may not do at all.
func (b bulkOrg) Target(spec bulk.Spec) (string, error) {
	defer b.view()()
	r := b.rightsOf(spec.User)
	obj, ok := r.object(spec.Object)
	switch {
	case !ok:
		return "", refusal("INVALIDENTITY", "Unable to find object: "+spec.Object)
	case !bulkAllows(obj, spec.Operation):
		return "", refusal("INVALIDENTITY", "Entity '"+obj.Name+"' is not supported by the Bulk API for "+string(spec.Operation)+".")
	case spec.Operation == bulk.HardDelete && !r.has(bulkHardDelete):
		return "", refusal("FEATURENOTENABLED", "hardDelete is not enabled for this user: the permission Bulk API Hard Delete is needed")
	case spec.Operation == bulk.Upsert && spec.ExternalID == "":
		return "", refusal("INVALIDJOB", "External ID was blank for "+obj.Name+". An External ID must be specified for upsert.")
	case spec.Operation != bulk.Upsert && spec.ExternalID != "":
		return "", refusal("INVALIDJOB", "An external id field goes with an upsert only")
	}
	if rule := spec.AssignmentRule; rule != "" {
		if _, err := b.ruleOf(autoAssign(rule), obj); err != nil {
			return "", refusal("INVALIDJOB", "Unable to find assignment rule: "+rule)
		}
	}
	if spec.Operation == bulk.Upsert {
		if f, ok := r.field(obj, spec.ExternalID); !ok || !f.upsertKey() {
			return "", refusal("INVALIDJOB", "Field name provided, "+spec.ExternalID+" does not match an External ID, Salesforce Id, or indexed field for "+obj.Name)
		}
	}
	return obj.Name, nil
}

// bulkAllows says whether an object can be written in this way.
func bulkAllows(obj *object, op bulk.Operation) bool {
	switch op {
	case bulk.Insert:
		return obj.Createable
	case bulk.Update:
		return obj.Updateable
	case bulk.Upsert:
		return obj.Createable && obj.Updateable
	}
	return obj.Deletable
}
