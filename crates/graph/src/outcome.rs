//! What a fault means for a data set: no permission, no licence, not in this cloud, or a failure.

use idscore_catalogue::data_sets::names_a_licence;

use crate::cloud::Cloud;
use crate::error::CollectError;
use crate::plan::Reading;
use crate::report::{DataSetReport, Status};
use crate::request::{Fault, Refusal};

/// What Graph's refusal means.
pub(crate) fn status_of(refusal: &Refusal, cloud: Cloud) -> Status {
    let message = refusal.message.to_lowercase();
    let licence = names_a_licence(&refusal.code, &refusal.message);
    match refusal.status {
        400..=403 if licence => Status::NotLicensed,
        401 | 403 => Status::Refused,
        // A national cloud doesn't know every path.
        404 | 405 | 501 if cloud != Cloud::Global => Status::NotInCloud,
        400 if cloud != Cloud::Global && message.contains("segment") => Status::NotInCloud,
        _ => Status::Failed,
    }
}

impl Reading {
    /// A report of that outcome.
    pub(crate) fn report(&self, version: &str, status: Status, pages: u64, rows: u64) -> DataSetReport {
        DataSetReport {
            name: self.name.to_owned(),
            endpoint: self.known().map_or_else(String::new, |known| known.endpoint.to_owned()),
            api_version: version.to_owned(),
            pages,
            rows,
            status,
            permission: self.permission().to_owned(),
            error_code: None,
            message: None,
        }
    }

    /// What a fault makes of a data set that can't be had in part; what stops everything is handed on.
    pub(crate) fn faulty(&self, fault: Fault, cloud: Cloud) -> Result<DataSetReport, CollectError> {
        let (status, code, message) = match fault {
            Fault::Stop(error) => return Err(*error),
            Fault::Refused(refusal) => {
                let message = if refusal.message.is_empty() {
                    format!("Graph answered {}", refusal.status)
                } else {
                    refusal.message.clone()
                };
                (status_of(&refusal, cloud), refusal.code, message)
            }
            Fault::GaveUp { code, message, .. } => (Status::Failed, code, message),
        };
        Ok(self.report(self.version, status, 0, 0).because(code, message))
    }
}

impl DataSetReport {
    pub(crate) fn because(self, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_code: Some(code.into()), message: Some(message.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, code: &str, message: &str, cloud: Cloud) -> Status {
        status_of(&Refusal { status, code: code.to_owned(), message: message.to_owned() }, cloud)
    }

    #[test]
    fn a_missing_licence_is_no_missing_permission() {
        let global = Cloud::Global;
        assert_eq!(
            status(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", global),
            Status::Refused
        );
        assert_eq!(status(403, "AccessDenied", "", global), Status::Refused);
        assert_eq!(
            status(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C …", global),
            Status::NotLicensed
        );
        assert_eq!(status(400, "AadPremiumLicenseRequired", "", global), Status::NotLicensed);
        assert_eq!(
            status(403, "Forbidden", "Your tenant is not licensed for this feature.", global),
            Status::NotLicensed
        );
    }

    #[test]
    fn what_a_national_cloud_does_not_know_is_no_failure() {
        assert_eq!(status(404, "ResourceNotFound", "", Cloud::China), Status::NotInCloud);
        let segment = "Resource not found for the segment 'riskyUsers'.";
        assert_eq!(status(400, "BadRequest", segment, Cloud::UsGov), Status::NotInCloud);
        assert_eq!(status(400, "BadRequest", segment, Cloud::Global), Status::Failed);
        assert_eq!(status(404, "ResourceNotFound", "", Cloud::Global), Status::Failed);
    }
}
