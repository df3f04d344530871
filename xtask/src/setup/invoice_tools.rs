//! The programs that check invoices in tests, beside what Python has of them: a Java with its compiler
//! and JAXB for veraPDF, qpdf, and poppler's `pdftotext`. None of them is part of a shop.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::server_packages;
use crate::command::find;

/// Where Debian has the JARs of JAXB; the variable names another folder.
const JARS: &str = "/usr/share/java";
const JARS_VARIABLE: &str = "JAXB_JARS";

pub async fn ensure() -> Result<()> {
    let advice = "with your system's packages (JAXB_JARS names the folder of jaxb-runtime.jar)";
    server_packages::install(missing, advice).await
}

fn missing() -> Vec<&'static str> {
    let jars = std::env::var_os(JARS_VARIABLE).filter(|folder| !folder.is_empty());
    let jars = jars.map_or_else(|| PathBuf::from(JARS), PathBuf::from);
    missing_of(|program| find(&[program]).is_some(), &jars)
}

/// Debian's headless runtime is enough: it has the compiler that `java FILE.java` needs.
fn missing_of(has: impl Fn(&str) -> bool, jars: &Path) -> Vec<&'static str> {
    let programs = [
        ("java", "default-jre-headless"),
        ("qpdf", "qpdf"),
        ("pdftotext", "poppler-utils"),
    ];
    let programs = programs.into_iter().filter(|(program, _)| !has(program));
    let mut missing: Vec<_> = programs.map(|(_, package)| package).collect();
    if !jars.join("jaxb-runtime.jar").is_file() {
        missing.push("libjaxb-java");
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed() {
        let nowhere = Path::new("/nowhere-at-all");
        let all = [
            "default-jre-headless",
            "qpdf",
            "poppler-utils",
            "libjaxb-java",
        ];
        assert_eq!(missing_of(|_| false, nowhere), all);
        assert_eq!(
            missing_of(|program| program != "qpdf", nowhere),
            ["qpdf", "libjaxb-java"]
        );
    }
}
