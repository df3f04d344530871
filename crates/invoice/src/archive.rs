//! What makes a file PDF/A-3B (ISO 19005-3) and Factur-X 1.0: the colours that its inks mean, what
//! it says about itself, and the XML that it carries.

use std::io;

use commerce::Timestamp;
use lopdf::{Dictionary, Document, Object, Stream, text_string};

use crate::civil;
use crate::xml::Xml;

/// The name that Factur-X prescribes (§6.2.1 of its 1.0 specification).
pub const FILE_NAME: &str = "factur-x.xml";
/// What the XML is to the page: the same invoice, in another form (ISO 19005-3 annex E).
pub const RELATIONSHIP: &str = "Alternative";
/// The profile as the metadata call it.
pub const CONFORMANCE_LEVEL: &str = "EN 16931";

const PRODUCER: &str = "Comptoir";

/// sRGB IEC61966-2.1, deflated; zlib licence: `assets/sRGB.LICENSE.txt`.
const SRGB: &[u8] = include_bytes!("../assets/sRGB.icc.zlib");

/// What a file says about itself, in its metadata and in its information dictionary alike: PDF/A
/// wants them to agree (ISO 19005-3 §6.6.3).
pub struct About<'a> {
    pub title: &'a str,
    pub author: &'a str,
    pub at: Timestamp,
    /// Whether it carries an invoice.
    pub is_invoice: bool,
}

impl About<'_> {
    /// The information dictionary (ISO 32000-1 §14.3.3).
    pub fn info(&self) -> Dictionary {
        let date = text_string(&civil::pdf_date(self.at));
        Dictionary::from_iter([
            ("Title", text_string(self.title)),
            ("Author", text_string(self.author)),
            ("Creator", text_string(PRODUCER)),
            ("Producer", text_string(PRODUCER)),
            ("CreationDate", date.clone()),
            ("ModDate", date),
        ])
    }

    /// The metadata (XMP, ISO 16684-1), uncompressed so that a reader need not know PDF.
    pub fn metadata(&self) -> io::Result<Stream> {
        let kind = [("Type", "Metadata".into()), ("Subtype", "XML".into())];
        let stream = Stream::new(Dictionary::from_iter(kind), self.packet()?);
        Ok(stream.with_compression(false))
    }

    fn packet(&self) -> io::Result<Vec<u8>> {
        let date = civil::xmp_date(self.at);
        Xml::packet(|xml| {
            xml.wrap("x:xmpmeta", &[("xmlns:x", "adobe:ns:meta/")], |xml| {
                xml.wrap("rdf:RDF", &[("xmlns:rdf", RDF)], |xml| {
                    describe(xml, "xmlns:pdfaid", PDFA_ID, |xml| {
                        xml.text("pdfaid:part", "3")?;
                        xml.text("pdfaid:conformance", "B")
                    })?;
                    describe(xml, "xmlns:dc", DUBLIN_CORE, |xml| {
                        list(xml, "dc:title", "rdf:Alt", |xml| {
                            xml.text_with("rdf:li", ("xml:lang", "x-default"), self.title)
                        })?;
                        list(xml, "dc:creator", "rdf:Seq", |xml| {
                            xml.text("rdf:li", self.author)
                        })
                    })?;
                    describe(xml, "xmlns:pdf", "http://ns.adobe.com/pdf/1.3/", |xml| {
                        xml.text("pdf:Producer", PRODUCER)
                    })?;
                    describe(xml, "xmlns:xmp", "http://ns.adobe.com/xap/1.0/", |xml| {
                        xml.text("xmp:CreatorTool", PRODUCER)?;
                        xml.text("xmp:CreateDate", &date)?;
                        xml.text("xmp:ModifyDate", &date)
                    })?;
                    if self.is_invoice {
                        extension(xml)?;
                        factur_x(xml)?;
                    }
                    Ok(())
                })
            })
        })
    }
}

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const PDFA_ID: &str = "http://www.aiim.org/pdfa/ns/id/";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const FACTUR_X: &str = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#";

fn describe(
    xml: &mut Xml,
    prefix: &str,
    namespace: &str,
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let attributes = [("rdf:about", ""), (prefix, namespace)];
    xml.wrap("rdf:Description", &attributes, inner)
}

fn list(
    xml: &mut Xml,
    name: &str,
    kind: &str,
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.node(name, |xml| xml.node(kind, inner))
}

fn factur_x(xml: &mut Xml) -> io::Result<()> {
    describe(xml, "xmlns:fx", FACTUR_X, |xml| {
        xml.text("fx:DocumentType", "INVOICE")?;
        xml.text("fx:DocumentFileName", FILE_NAME)?;
        xml.text("fx:Version", "1.0")?;
        xml.text("fx:ConformanceLevel", CONFORMANCE_LEVEL)
    })
}

/// PDF/A allows properties of its own only with their schema (ISO 19005-3 §6.6.2.3).
fn extension(xml: &mut Xml) -> io::Result<()> {
    let namespaces = [
        ("rdf:about", ""),
        (
            "xmlns:pdfaExtension",
            "http://www.aiim.org/pdfa/ns/extension/",
        ),
        ("xmlns:pdfaSchema", "http://www.aiim.org/pdfa/ns/schema#"),
        (
            "xmlns:pdfaProperty",
            "http://www.aiim.org/pdfa/ns/property#",
        ),
    ];
    let resource = [("rdf:parseType", "Resource")];
    xml.wrap("rdf:Description", &namespaces, |xml| {
        list(xml, "pdfaExtension:schemas", "rdf:Bag", |xml| {
            xml.wrap("rdf:li", &resource, |xml| {
                xml.text("pdfaSchema:schema", "Factur-X PDFA Extension Schema")?;
                xml.text("pdfaSchema:namespaceURI", FACTUR_X)?;
                xml.text("pdfaSchema:prefix", "fx")?;
                list(xml, "pdfaSchema:property", "rdf:Seq", |xml| {
                    for (name, description) in [
                        ("DocumentFileName", "The name of the embedded XML document"),
                        ("DocumentType", "The type of the hybrid document"),
                        ("Version", "The version of the Factur-X data"),
                        ("ConformanceLevel", "The conformance level of the XML"),
                    ] {
                        xml.wrap("rdf:li", &resource, |xml| {
                            xml.text("pdfaProperty:name", name)?;
                            xml.text("pdfaProperty:valueType", "Text")?;
                            xml.text("pdfaProperty:category", "external")?;
                            xml.text("pdfaProperty:description", description)
                        })?;
                    }
                    Ok(())
                })
            })
        })
    })
}

/// What red, green and blue mean on these pages (ISO 19005-3 §6.2.3).
pub fn output_intent(file: &mut Document) -> Object {
    let deflated = [("N", 3.into()), ("Filter", "FlateDecode".into())];
    let profile = Stream::new(Dictionary::from_iter(deflated), SRGB.to_vec());
    let profile = file.add_object(profile.with_compression(false));
    let name = Object::string_literal("sRGB IEC61966-2.1");
    Object::Dictionary(Dictionary::from_iter([
        ("Type", "OutputIntent".into()),
        ("S", "GTS_PDFA1".into()),
        ("OutputConditionIdentifier", name.clone()),
        (
            "RegistryName",
            Object::string_literal("http://www.color.org"),
        ),
        ("Info", name),
        ("DestOutputProfile", profile.into()),
    ]))
}

/// Embeds the XML as an associated file (ISO 32000-2 §14.13) and lists it in the catalog.
pub fn attach(file: &mut Document, catalog: &mut Dictionary, xml: Vec<u8>, at: Timestamp) {
    let size = i64::try_from(xml.len()).unwrap_or(i64::MAX);
    let parameters = [
        ("Size", size.into()),
        ("ModDate", text_string(&civil::pdf_date(at))),
    ];
    let stream = Stream::new(
        Dictionary::from_iter([
            ("Type", "EmbeddedFile".into()),
            ("Subtype", "text/xml".into()),
            ("Params", Dictionary::from_iter(parameters).into()),
        ]),
        xml,
    );
    let stream = file.add_object(stream);
    let name = Object::string_literal(FILE_NAME);
    let streams = Dictionary::from_iter([("F", stream.into()), ("UF", stream.into())]);
    let specification = file.add_object(Dictionary::from_iter([
        ("Type", "Filespec".into()),
        ("F", name.clone()),
        ("UF", name.clone()),
        ("Desc", Object::string_literal("Factur-X / EN 16931")),
        ("AFRelationship", RELATIONSHIP.into()),
        ("EF", streams.into()),
    ]));
    let names: Vec<Object> = vec![name, specification.into()];
    let tree = Dictionary::from_iter([("Names", Object::Array(names))]);
    let names = Dictionary::from_iter([("EmbeddedFiles", Object::Dictionary(tree))]);
    catalog.set("Names", names);
    catalog.set("AF", vec![specification.into()]);
}
