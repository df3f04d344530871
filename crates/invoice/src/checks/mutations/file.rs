//! Files that claim or lack something.

use lopdf::{Dictionary, Document, Object};

use super::business;
use crate::checks::{archive, load};

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

/// Replaces bytes of the metadata by as many others.
fn restate(file: &mut Document, from: &str, to: &str) {
    let id = file
        .catalog()
        .unwrap()
        .get(b"Metadata")
        .unwrap()
        .as_reference()
        .unwrap();
    let stream = file.get_object_mut(id).unwrap().as_stream_mut().unwrap();
    let text = String::from_utf8(stream.content.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    stream.content = text.replace(from, to).into_bytes();
}

#[test]
fn a_file_that_claims_or_lacks_something_is_found() {
    type Mutation = fn(&mut Document);
    let mutations: [(&str, Mutation); 12] = [
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
        ("output intent", |file| {
            file.catalog_mut().unwrap().remove(b"OutputIntents");
        }),
        ("Names", |file| {
            file.catalog_mut().unwrap().remove(b"Names");
        }),
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
        let found = archive::check(&file);
        assert!(found.iter().any(|it| it == rule), "{rule}: {found:?}");
    }
}
