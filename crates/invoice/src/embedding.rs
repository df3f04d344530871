//! A typeface inside a PDF file (ISO 32000-1 §9.7): a composite font of TrueType outlines whose
//! codes are its glyphs, with the text that they stand for, so that pages can be searched and copied.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use printpdf::{ParsedFont, ToUnicodeCMap};

use crate::subset::Subset;
use crate::typeface::Weight;

/// Adds the part of the font that is drawn, and says where it is.
pub fn add(file: &mut Document, subset: &Subset, face: &ParsedFont) -> ObjectId {
    let name = Object::Name(subset.name().into_bytes());
    let length = i64::try_from(subset.program.len()).unwrap_or(i64::MAX);
    let length = Dictionary::from_iter([("Length1", length.into())]);
    let program = file.add_object(Stream::new(length, subset.program.clone()));
    let descriptor = file.add_object(descriptor(subset.weight, face, name.clone(), program));
    let unicode = file.add_object(Stream::new(Dictionary::new(), meaning(subset)));
    let system = Dictionary::from_iter([
        ("Registry", Object::string_literal("Adobe")),
        ("Ordering", Object::string_literal("Identity")),
        ("Supplement", 0.into()),
    ]);
    let descendant = Dictionary::from_iter([
        ("Type", "Font".into()),
        ("Subtype", "CIDFontType2".into()),
        ("BaseFont", name.clone()),
        ("CIDSystemInfo", system.into()),
        ("CIDToGIDMap", "Identity".into()),
        ("FontDescriptor", descriptor.into()),
        ("W", vec![0.into(), widths(subset, face).into()].into()),
    ]);
    let descendant = file.add_object(descendant);
    file.add_object(Dictionary::from_iter([
        ("Type", "Font".into()),
        ("Subtype", "Type0".into()),
        ("BaseFont", name),
        ("Encoding", "Identity-H".into()),
        ("DescendantFonts", vec![descendant.into()].into()),
        ("ToUnicode", unicode.into()),
    ]))
}

fn descriptor(weight: Weight, face: &ParsedFont, name: Object, program: ObjectId) -> Dictionary {
    let metrics = &face.pdf_font_metrics;
    let scaled = |units: i16| Object::Integer(thousandths(face, i64::from(units)));
    let corners = [metrics.x_min, metrics.y_min, metrics.x_max, metrics.y_max];
    // No table of the font says how thick its stems are: what producers usually estimate.
    let stem = match weight {
        Weight::Regular => 88,
        Weight::Bold => 166,
    };
    Dictionary::from_iter([
        ("Type", "FontDescriptor".into()),
        ("FontName", name),
        // Symbolic: more than the standard Latin characters.
        ("Flags", 4.into()),
        ("FontBBox", corners.map(scaled).to_vec().into()),
        ("ItalicAngle", 0.into()),
        ("Ascent", scaled(face.font_metrics.ascent)),
        ("Descent", scaled(face.font_metrics.descent)),
        ("CapHeight", 714.into()),
        ("StemV", stem.into()),
        ("FontFile2", program.into()),
    ])
}

/// The width of every glyph, in thousandths of the size.
fn widths(subset: &Subset, face: &ParsedFont) -> Vec<Object> {
    let widths = subset.widths().iter();
    widths
        .map(|units| Object::Integer(thousandths(face, i64::from(*units))))
        .collect()
}

fn thousandths(face: &ParsedFont, units: i64) -> i64 {
    units * 1000 / i64::from(face.units_per_em.max(1))
}

/// What each glyph stands for.
fn meaning(subset: &Subset) -> Vec<u8> {
    let map = ToUnicodeCMap {
        mappings: subset.meanings(),
    };
    map.to_cmap_string(&subset.name()).into_bytes()
}
