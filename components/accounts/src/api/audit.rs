//! The part of the audit log that this service writes.

service::audit_log!("/api/audit/accounts");
