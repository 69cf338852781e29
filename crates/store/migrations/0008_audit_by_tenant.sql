-- What people did to one tenant is read by its page; the log of all tenants is many times longer, and mostly assessments.
CREATE INDEX audit_by_tenant ON audit (tenant_id, action, sequence);
