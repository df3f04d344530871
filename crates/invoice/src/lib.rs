//! The papers of an order as values, and their pages as PDF: A4, as many as are needed, with the
//! addresses, the lines, VAT by rate and the totals.
//!
//! Pure: no I/O, no clock, no randomness. The same [`Document`] is the same bytes, natively and in
//! a component, so that a download is regenerated and never stored. Refuses to add anything up:
//! amounts come from `commerce::totals` and are printed as they are.

mod canvas;
mod civil;
mod document;
mod file;
mod letterhead;
mod paragraph;
mod printable;
mod sheet;
mod summary;
mod table;
mod typeface;
mod wording;

pub use document::{Document, Kind, Line, Shop};

use sheet::Sheet;
use typeface::Faces;

/// Why there is no PDF. Neither depends on what the document says.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A typeface that is compiled in cannot be read.
    #[error("a typeface of the crate cannot be read")]
    Typeface,
    /// The pages could not be put together.
    #[error("the PDF could not be written")]
    Write(#[from] std::io::Error),
}

/// The pages as a PDF 1.7 file. Any text is printed: long ones are wrapped, characters that the
/// typefaces lack become U+FFFD.
///
/// # Errors
/// [`RenderError`], which says that the crate is broken and not the document.
pub fn render(document: &Document) -> Result<Vec<u8>, RenderError> {
    let faces = Faces::load().ok_or(RenderError::Typeface)?;
    let mut sheet = Sheet::new(document, &faces);
    letterhead::draw(&mut sheet);
    table::draw(&mut sheet);
    summary::draw(&mut sheet);
    file::write(document, &faces, sheet.finish())
}

#[cfg(test)]
mod tests;
