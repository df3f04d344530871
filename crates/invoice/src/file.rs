//! Pages to the bytes of a PDF file: the same document is the same file, always and everywhere.
//!
//! printpdf stamps what it writes with random ids, with its own name and (except on wasm) with
//! dates; all of that is replaced by what follows from the document.

use lopdf::{Dictionary, Object, StringFormat, text_string};
use printpdf::{PdfDocument, PdfFont, PdfSaveOptions};
use sha2::{Digest, Sha256};

use crate::RenderError;
use crate::canvas::Canvas;
use crate::civil;
use crate::document::Document;
use crate::typeface::{Faces, Weight};
use crate::wording;

/// Writes the file.
pub fn write(
    document: &Document,
    faces: &Faces,
    pages: Vec<Canvas>,
) -> Result<Vec<u8>, RenderError> {
    let mut source = PdfDocument::new("");
    for weight in [Weight::Regular, Weight::Bold] {
        let font = PdfFont::new(faces.face(weight).clone());
        source.resources.fonts.map.insert(weight.font_id(), font);
    }
    source.pages = pages.into_iter().map(Canvas::into_page).collect();
    let mut file = source.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new());

    file.version = String::from("1.7");
    // In the place of printpdf's, so that the cross-reference table has no hole.
    match file.trailer.get(b"Info").and_then(Object::as_reference) {
        Ok(printpdfs) => file.set_object(printpdfs, info(document)),
        Err(_) => {
            let ours = file.add_object(info(document));
            file.trailer.set("Info", ours);
        }
    }
    if let Ok(catalog) = file.catalog_mut() {
        catalog.set("Lang", text_string(document.language.tag()));
        let shows_title = Dictionary::from_iter([("DisplayDocTitle", true.into())]);
        catalog.set("ViewerPreferences", shows_title);
    }
    file.compress();

    // The id of a file follows from its contents (ISO 32000-1 §14.4), so it comes last.
    file.trailer.remove(b"ID");
    let mut bytes = Vec::new();
    file.save_to(&mut bytes)?;
    let id: Vec<u8> = Sha256::digest(&bytes).iter().copied().take(16).collect();
    let id = Object::String(id, StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    bytes.clear();
    file.save_to(&mut bytes)?;
    Ok(bytes)
}

/// What a reader shows as the properties of the file (ISO 32000-1 §14.3.3).
fn info(document: &Document) -> Dictionary {
    let title = wording::of(document.kind, document.language).title;
    let date = civil::pdf_date(document.placed_at.unix_ms());
    Dictionary::from_iter([
        (
            "Title",
            text_string(&format!("{title} {}", document.number)),
        ),
        ("Author", text_string(&document.shop.name)),
        ("Creator", text_string("Comptoir")),
        ("CreationDate", text_string(&date)),
        ("ModDate", text_string(&date)),
    ])
}
