//! The files of a paper: the same bytes for the same snapshot and logo, whenever they are made. Pure.

use invoice::{Invoice, Logo, RenderError, UnusableLogo, XmlError};
use sha2::{Digest, Sha256};

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

/// One file of a paper.
pub fn print(
    snapshot: &Invoice,
    logo: Option<&[u8]>,
    format: Format,
) -> Result<Vec<u8>, FilesError> {
    match format {
        Format::Pdf => {
            let logo = logo.map(Logo::new).transpose()?;
            Ok(invoice::pdf(snapshot, logo.as_ref())?)
        }
        Format::Xml => Ok(invoice::xml(snapshot)?),
    }
}

impl Files {
    pub fn of(snapshot: &Invoice, logo: Option<&[u8]>) -> Result<Self, FilesError> {
        Ok(Self {
            pdf: print(snapshot, logo, Format::Pdf)?,
            xml: print(snapshot, None, Format::Xml)?,
        })
    }

    pub fn bytes(&self, format: Format) -> &[u8] {
        match format {
            Format::Pdf => &self.pdf,
            Format::Xml => &self.xml,
        }
    }

    pub fn digest(&self, format: Format) -> [u8; 32] {
        Sha256::digest(self.bytes(format)).into()
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
