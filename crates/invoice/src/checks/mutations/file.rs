//! Files that claim or lack something.

use lopdf::{Dictionary, Document, Object, Stream};

use super::{assert_found, business};
use crate::checks::{broken, load, papers};

/// Changes the first dictionary that has this key; streams have one too.
fn change(file: &mut Document, key: &str, how: impl Fn(&mut Dictionary)) {
    let has = |object: &&mut Object| match object {
        Object::Dictionary(dictionary) => dictionary.has(key.as_bytes()),
        Object::Stream(stream) => stream.dict.has(key.as_bytes()),
        _ => false,
    };
    match file.objects.values_mut().find(has).unwrap() {
        Object::Dictionary(dictionary) => how(dictionary),
        Object::Stream(stream) => how(&mut stream.dict),
        other => panic!("{other:?}"),
    }
}

fn remove(file: &mut Document, entry: &str) {
    let removed = file.catalog_mut().unwrap().remove(entry.as_bytes());
    assert!(removed.is_some(), "{entry}");
}

/// Gives the XML another name.
fn rename(file: &mut Document, key: &str) {
    let name = Object::string_literal("invoice.xml");
    change(file, "AFRelationship", |it| it.set(key, name.clone()));
}

fn packet(file: &mut Document) -> &mut Stream {
    let id = file.catalog().unwrap().get(b"Metadata").unwrap();
    let id = id.as_reference().unwrap();
    file.get_object_mut(id).unwrap().as_stream_mut().unwrap()
}

/// Replaces a text of the metadata.
fn restate(file: &mut Document, from: &str, to: &str) {
    let stream = packet(file);
    let text = String::from_utf8(stream.content.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    stream.content = text.replace(from, to).into_bytes();
}

#[test]
fn a_file_that_claims_or_lacks_something_is_found() {
    type Mutation = fn(&mut Document);
    let mutations: [(&str, Mutation); 24] = [
        ("version", |file| file.version = String::from("1.6")),
        ("Lang", |file| remove(file, "Lang")),
        ("metadata are there and plain", |file| {
            remove(file, "Metadata")
        }),
        ("metadata are there and plain", |file| {
            packet(file).dict.set("Filter", "FlateDecode");
        }),
        ("an invoice has its XML inside", |file| remove(file, "AF")),
        ("F", |file| rename(file, "F")),
        ("UF", |file| rename(file, "UF")),
        ("Subtype of the XML", |file| {
            change(file, "Params", |it| it.set("Subtype", "text/plain"))
        }),
        ("fx:DocumentType", |file| restate(file, "INVOICE", "ORDER")),
        ("fx:Version", |file| {
            restate(file, "fx:Version>1.0", "fx:Version>2.0")
        }),
        ("extension schema", |file| {
            restate(file, "namespaceURI", "namespace")
        }),
        ("Info and XMP agree on the date", |file| {
            restate(file, "CreateDate>2026", "CreateDate>2027")
        }),
        ("AFRelationship", |file| {
            change(file, "AFRelationship", |it| {
                it.set("AFRelationship", "Source")
            });
        }),
        ("fx:ConformanceLevel", |file| {
            restate(file, "Level>EN 16931<", "Level>BASIC<")
        }),
        ("fx:DocumentFileName", |file| {
            restate(file, "FileName>factur-x", "FileName>zugferd")
        }),
        ("pdfaid", |file| {
            restate(file, "conformance>B<", "conformance>A<")
        }),
        ("pdfaid", |file| restate(file, "part>3<", "part>2<")),
        ("Info and XMP agree on the title", |file| {
            restate(file, "Facture F", "Facture G")
        }),
        ("output intent", |file| remove(file, "OutputIntents")),
        ("Names", |file| remove(file, "Names")),
        ("Size of the XML", |file| {
            change(file, "Params", |it| {
                it.set("Params", Dictionary::from_iter([("Size", 7.into())]))
            });
        }),
        ("ID", |file| {
            file.trailer.remove(b"ID");
        }),
        ("a font is not embedded", |file| {
            change(file, "FontFile2", |it| {
                it.remove(b"FontFile2");
            });
        }),
        ("a glyph is not embedded", |file| {
            let page = *file.get_pages().values().next().unwrap();
            let content = String::from_utf8(file.get_page_content(page)).unwrap();
            let at = content.find("<0").unwrap();
            let mutant = format!("{}<0000{}", &content[..at], &content[at + 5..]);
            file.change_page_content(page, mutant.into_bytes()).unwrap();
        }),
    ];
    for (rule, mutate) in mutations {
        let mut file = load(&business());
        mutate(&mut file);
        assert_found(&broken(&file, &business()), rule, "a file");
    }
    let found = broken(&load(&business()), &papers::pro_forma().unwrap());
    assert_found(&found, "an invoice has its XML inside", "a pro forma");
}
