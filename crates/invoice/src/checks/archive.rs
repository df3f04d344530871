//! PDF/A-3B and Factur-X: what the file must have for its XML to be found and believed.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object};
use printpdf::ToUnicodeCMap;

use super::tree::Element;

fn dictionary<'a>(file: &'a Document, within: &'a Dictionary, key: &str) -> Option<&'a Dictionary> {
    within.get_deref(key.as_bytes(), file).ok()?.as_dict().ok()
}

fn specification(file: &Document) -> Option<&Dictionary> {
    let associated = file.catalog().ok()?.get_deref(b"AF", file).ok()?;
    let first = associated.as_array().ok()?.first()?.as_reference().ok()?;
    file.get_dictionary(first).ok()
}

fn embedded(file: &Document) -> Option<&lopdf::Stream> {
    let streams = dictionary(file, specification(file)?, "EF")?;
    streams.get_deref(b"F", file).ok()?.as_stream().ok()
}

/// The XML inside.
pub fn attachment(file: &Document) -> Option<Vec<u8>> {
    embedded(file)?.get_plain_content().ok()
}

fn metadata(file: &Document) -> Option<&lopdf::Stream> {
    let catalog = file.catalog().ok()?;
    catalog.get_deref(b"Metadata", file).ok()?.as_stream().ok()
}

/// Looks for a text anywhere below.
fn said(element: &Element, name: &str) -> Option<String> {
    if element.name == name {
        let texts = element.children.iter().flat_map(|child| &child.children);
        let inner: String = texts.map(|child| child.text.trim()).collect();
        return Some(format!("{}{inner}", element.text.trim()));
    }
    element.children.iter().find_map(|child| said(child, name))
}

pub fn check(file: &Document) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, rule: &str| {
        if !holds {
            broken.push(rule.to_owned());
        }
    };
    let catalog = file.catalog().unwrap();
    must(file.version == "1.7", "version");
    must(file.trailer.has(b"ID"), "ID");
    must(!file.is_encrypted(), "no encryption");
    must(catalog.has(b"Lang"), "Lang");

    let packet = metadata(file).filter(|stream| !stream.dict.has(b"Filter"));
    must(packet.is_some(), "metadata are there and plain");
    if let Some(packet) = packet {
        let packet = Element::parse(&packet.content);
        let is = |name: &str, value: &str| said(&packet, name).as_deref() == Some(value);
        must(is("part", "3") && is("conformance", "B"), "pdfaid");
        if attachment(file).is_some() {
            must(is("ConformanceLevel", "EN 16931"), "fx:ConformanceLevel");
            must(
                is("DocumentFileName", "factur-x.xml"),
                "fx:DocumentFileName",
            );
            must(is("DocumentType", "INVOICE"), "fx:DocumentType");
            must(is("Version", "1.0"), "fx:Version");
            must(said(&packet, "namespaceURI").is_some(), "extension schema");
        }
        let info = dictionary(file, &file.trailer, "Info").unwrap();
        let title = info.get(b"Title").and_then(lopdf::decode_text_string);
        must(
            title.ok() == said(&packet, "title"),
            "Info and XMP agree on the title",
        );
        let created = info
            .get(b"CreationDate")
            .and_then(lopdf::decode_text_string);
        let created = created.unwrap_or_default().replace(['D', ':', 'Z'], "");
        let stamped = said(&packet, "CreateDate").unwrap_or_default();
        must(
            created == stamped.replace(['-', ':', 'T', 'Z'], ""),
            "Info and XMP agree on the date",
        );
    }

    let intents = catalog
        .get_deref(b"OutputIntents", file)
        .and_then(Object::as_array);
    let intent = intents
        .ok()
        .and_then(|it| it.first())
        .and_then(|it| it.as_dict().ok());
    let profile = intent.and_then(|it| it.get_deref(b"DestOutputProfile", file).ok());
    let colours = profile
        .and_then(|it| it.as_stream().ok())
        .and_then(|it| it.dict.get(b"N").ok());
    must(
        colours.and_then(|it| it.as_i64().ok()) == Some(3),
        "output intent",
    );

    if let Some(specification) = specification(file) {
        let name = |key: &[u8]| specification.get(key).and_then(Object::as_name).ok();
        must(
            name(b"AFRelationship") == Some(b"Alternative"),
            "AFRelationship",
        );
        let called = |key: &[u8]| specification.get(key).and_then(Object::as_str).ok();
        must(called(b"F") == Some(b"factur-x.xml"), "F");
        must(called(b"UF") == Some(b"factur-x.xml"), "UF");
        must(catalog.has(b"Names"), "Names");
        let stream = embedded(file);
        let kind = stream.and_then(|it| it.dict.get(b"Subtype").ok()?.as_name().ok());
        must(kind == Some(b"text/xml"), "Subtype of the XML");
        let size = stream.and_then(|it| dictionary(file, &it.dict, "Params")?.get(b"Size").ok());
        let size = size.and_then(|it| usize::try_from(it.as_i64().ok()?).ok());
        must(
            size == attachment(file).map(|xml| xml.len()),
            "Size of the XML",
        );
    }
    broken.extend(glyphs(file));
    broken
}

/// Every font is embedded, and every glyph that is shown is in it and stands for something.
fn glyphs(file: &Document) -> BTreeSet<String> {
    let mut broken = BTreeSet::new();
    let mut known: BTreeMap<Vec<u8>, BTreeSet<u16>> = BTreeMap::new();
    for page in file.get_pages().values() {
        for (name, font) in file.get_page_fonts(*page).unwrap() {
            if let Some(glyphs) = program(file, font) {
                known.insert(name, glyphs);
            }
        }
        let content = Content::decode(&file.get_page_content(*page)).unwrap();
        let mut font = None;
        for operation in content.operations {
            match &*operation.operator {
                "Tf" => {
                    font = known.get(operation.operands[0].as_name().unwrap());
                    if font.is_none() {
                        broken.insert("a font is not embedded".to_owned());
                    }
                }
                "Tj" => {
                    let Some(font) = font else { continue };
                    let codes = operation.operands[0].as_str().unwrap().chunks(2);
                    let mut codes = codes.map(|code| u16::from_be_bytes([code[0], code[1]]));
                    if !codes.all(|code| font.contains(&code)) {
                        broken.insert("a glyph is not embedded".to_owned());
                    }
                }
                _ => {}
            }
        }
    }
    broken
}

/// The glyphs of an embedded font that stand for a character.
fn program(file: &Document, font: &Dictionary) -> Option<BTreeSet<u16>> {
    let descendants = font
        .get_deref(b"DescendantFonts", file)
        .ok()?
        .as_array()
        .ok()?;
    let descendant = file
        .get_dictionary(descendants.first()?.as_reference().ok()?)
        .ok()?;
    let descriptor = dictionary(file, descendant, "FontDescriptor")?;
    let program = descriptor
        .get_deref(b"FontFile2", file)
        .ok()?
        .as_stream()
        .ok()?;
    let count = glyph_count(&program.get_plain_content().ok()?)?;
    let unicode = font.get_deref(b"ToUnicode", file).ok()?.as_stream().ok()?;
    let unicode = String::from_utf8(unicode.get_plain_content().ok()?).ok()?;
    let glyphs = ToUnicodeCMap::parse(&unicode).ok()?.mappings.into_keys();
    let glyphs = glyphs.filter_map(|glyph| u16::try_from(glyph).ok());
    Some(glyphs.filter(|glyph| (1..count).contains(glyph)).collect())
}

/// How many glyphs a TrueType font has (OpenType, table `maxp`).
fn glyph_count(font: &[u8]) -> Option<u16> {
    let mut tables = font.get(12..)?.chunks_exact(16);
    let entry = tables.find(|entry| entry.starts_with(b"maxp"))?;
    let offset = u32::from_be_bytes(*entry.get(8..)?.first_chunk()?);
    let table = font.get(usize::try_from(offset).ok()?..)?;
    Some(u16::from_be_bytes(*table.get(4..)?.first_chunk()?))
}
