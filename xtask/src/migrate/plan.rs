//! Which files are still to be applied, given those that were. Pure.

use anyhow::{Result, bail};

use super::files::{File, Service};

/// A row of `schema_migrations`.
#[derive(Debug)]
pub struct Applied {
    pub service: String,
    pub name: String,
    pub checksum: String,
}

/// The files of a service to apply now, in order.
pub fn pending<'a>(service: &'a Service, applied: &[Applied]) -> Result<Vec<&'a File>> {
    let records: Vec<&Applied> = applied
        .iter()
        .filter(|record| record.service == service.name)
        .collect();
    for record in &records {
        let Some(file) = service.files.iter().find(|file| file.name == record.name) else {
            bail!(
                "migration {}/{} was applied to this database and is missing from the folder: \
                 restore it, or start with an empty database",
                service.name,
                record.name
            );
        };
        if file.checksum != record.checksum {
            bail!(
                "migration {}/{} was changed after it was applied: undo the change and write a \
                 new file",
                service.name,
                file.name
            );
        }
    }
    let last = records.iter().map(|record| record.name.as_str()).max();
    let is_recorded = |file: &File| records.iter().any(|record| record.name == file.name);
    let pending: Vec<&File> = service
        .files
        .iter()
        .filter(|file| !is_recorded(file))
        .collect();
    if let (Some(file), Some(last)) = (pending.first(), last)
        && file.name.as_str() < last
    {
        bail!(
            "migration {}/{} comes before {last}, which is applied already: give it a later number",
            service.name,
            file.name
        );
    }
    Ok(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(files: &[(&str, &str)]) -> Service {
        let files = files
            .iter()
            .map(|(name, text)| File::new(name, text))
            .collect();
        Service {
            name: "orders".to_owned(),
            files,
        }
    }

    fn applied(name: &str, text: &str) -> Applied {
        let checksum = File::new(name, text).checksum;
        Applied {
            service: "orders".to_owned(),
            name: name.to_owned(),
            checksum,
        }
    }

    fn names(files: Vec<&File>) -> Vec<&str> {
        files.into_iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn only_new_files_are_applied_in_order() {
        let service = service(&[
            ("0001_a.sql", "a"),
            ("0002_b.sql", "b"),
            ("0003_c.sql", "c"),
        ]);
        let pending = pending(&service, &[applied("0001_a.sql", "a")]).unwrap();
        assert_eq!(names(pending), ["0002_b.sql", "0003_c.sql"]);
    }

    #[test]
    fn a_record_of_another_service_does_not_count() {
        let service = service(&[("0001_a.sql", "a")]);
        let other = Applied {
            service: "catalog".to_owned(),
            ..applied("0001_a.sql", "b")
        };
        assert_eq!(names(pending(&service, &[other]).unwrap()), ["0001_a.sql"]);
    }

    #[test]
    fn a_changed_file_is_refused_by_name() {
        let service = service(&[("0001_a.sql", "changed")]);
        let error = pending(&service, &[applied("0001_a.sql", "a")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("orders/0001_a.sql was changed"), "{error}");
    }

    #[test]
    fn a_missing_file_is_refused_by_name() {
        let service = service(&[("0002_b.sql", "b")]);
        let error = pending(&service, &[applied("0001_a.sql", "a")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("orders/0001_a.sql was applied"), "{error}");
    }

    #[test]
    fn a_file_that_comes_too_late_is_refused_by_name() {
        let service = service(&[("0001_a.sql", "a"), ("0002_b.sql", "b")]);
        let error = pending(&service, &[applied("0002_b.sql", "b")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("orders/0001_a.sql comes before 0002_b.sql"),
            "{error}"
        );
    }
}
