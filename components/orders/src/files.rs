//! The files of a paper: the same bytes for the same snapshot and logo, whenever they are made. Pure.

use invoice::{Invoice, Logo, RenderError, UnusableLogo, XmlError};
use sha2::{Digest, Sha256};

use crate::issued::Paper;

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Pdf,
    Xml,
}

/// Both files of a paper.
#[derive(Clone, Debug)]
pub struct Files {
    pdf: Vec<u8>,
    xml: Vec<u8>,
}

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("the page cannot be printed")]
    Page(#[from] RenderError),
    #[error("the XML cannot be written")]
    Xml(#[from] XmlError),
    #[error("the logo cannot be printed")]
    Logo(#[from] UnusableLogo),
}

/// The files are not those that were issued: this version of the shop prints them otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the digests are not those of the files that were issued")]
pub struct Differs;

impl Files {
    pub fn of(snapshot: &Invoice, logo: Option<&[u8]>) -> Result<Self, FilesError> {
        let logo = logo.map(Logo::new).transpose()?;
        Ok(Self {
            pdf: invoice::pdf(snapshot, logo.as_ref())?,
            xml: invoice::xml(snapshot)?,
        })
    }

    pub fn bytes(&self, format: Format) -> &[u8] {
        match format {
            Format::Pdf => &self.pdf,
            Format::Xml => &self.xml,
        }
    }

    pub fn into_bytes(self, format: Format) -> Vec<u8> {
        match format {
            Format::Pdf => self.pdf,
            Format::Xml => self.xml,
        }
    }

    pub fn digest(&self, format: Format) -> [u8; 32] {
        Sha256::digest(self.bytes(format)).into()
    }

    /// The digest in hexadecimal.
    pub fn sha256(&self, format: Format) -> String {
        hex(&self.digest(format))
    }

    /// Whether these are the files of the day on which the paper was issued.
    pub fn check(&self, paper: &Paper) -> Result<(), Differs> {
        let same = self.digest(Format::Pdf) == paper.pdf_sha256
            && self.digest(Format::Xml) == paper.xml_sha256;
        same.then_some(()).ok_or(Differs)
    }
}

impl Format {
    pub const BOTH: [Format; 2] = [Format::Pdf, Format::Xml];

    pub fn extension(self) -> &'static str {
        match self {
            Format::Pdf => "pdf",
            Format::Xml => "xml",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Pdf => "application/pdf",
            Format::Xml => "application/xml",
        }
    }
}

/// A digest as people compare it.
pub fn hex(digest: &[u8; 32]) -> String {
    let [left, right] = [0, 16].map(|from| {
        let half = digest.iter().skip(from).take(16);
        half.fold(0_u128, |all, byte| all << 8 | u128::from(*byte))
    });
    format!("{left:032x}{right:032x}")
}
