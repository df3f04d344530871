//! From a paper to its file: sets the pages, and puts the XML into those of an invoice.

use crate::cii::{self, XmlError};
use crate::file;
use crate::invoice::{Invoice, Kind};
use crate::logo::Logo;
use crate::paper::Paper;
use crate::sheet::Sheet;
use crate::typeface::Faces;
use crate::{letterhead, summary, table};

/// Why there is no PDF. Nothing of it depends on what the paper says.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A typeface that is compiled in cannot be read.
    #[error("a typeface of the crate cannot be read")]
    Typeface,
    /// The XML could not be written.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The pages could not be put together.
    #[error("the PDF could not be written")]
    Write(#[from] std::io::Error),
}

/// The pages as PDF/A-3B, with the XML of [`crate::xml`] embedded unless it is a pro forma. Any
/// text is printed: long ones are wrapped, characters that the typefaces lack become U+FFFD.
///
/// # Errors
/// [`RenderError`], which says that the crate is broken and not the invoice.
pub fn pdf(invoice: &Invoice, logo: Option<&Logo>) -> Result<Vec<u8>, RenderError> {
    let xml = match invoice.kind {
        Kind::ProForma => None,
        Kind::Invoice { .. } | Kind::CreditNote { .. } => Some(cii::write(invoice)?),
    };
    print(&Paper::of_invoice(invoice), logo, xml)
}

/// Sets the pages of a paper.
pub fn print(
    paper: &Paper,
    logo: Option<&Logo>,
    xml: Option<Vec<u8>>,
) -> Result<Vec<u8>, RenderError> {
    let faces = Faces::load().ok_or(RenderError::Typeface)?;
    let mut sheet = Sheet::new(paper, faces);
    letterhead::draw(&mut sheet, logo);
    table::draw(&mut sheet);
    summary::draw(&mut sheet);
    file::write(paper, faces, (sheet.finish(), logo), xml)
}
