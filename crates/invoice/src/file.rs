//! Pages to the bytes of a PDF/A-3B file: the same paper is the same file, always and everywhere.
//! No clock, no random id: everything in it follows from what the paper says.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, text_string};
use sha2::{Digest, Sha256};

use crate::archive::{self, About};
use crate::canvas::{Canvas, HEIGHT, WIDTH};
use crate::content;
use crate::embedding;
use crate::logo::Logo;
use crate::paper::Paper;
use crate::render::RenderError;
use crate::subset::Subsets;
use crate::typeface::{Faces, Weight};
use crate::xml::sayable;

/// Writes the file, with the XML in it if there is one.
pub fn write(
    paper: &Paper,
    faces: &Faces,
    (pages, logo): (Vec<Canvas>, Option<&Logo>),
    xml: Option<Vec<u8>>,
) -> Result<Vec<u8>, RenderError> {
    let mut file = Document::with_version("1.7");
    let about = About {
        title: &sayable(&paper.file_title),
        author: &sayable(&paper.brand.name),
        at: paper.at,
        is_invoice: xml.is_some(),
    };
    let info = file.add_object(about.info());
    let metadata = file.add_object(about.metadata()?);
    let intent = archive::output_intent(&mut file);
    let subsets = Subsets::new(faces, &drawn(&pages))?;
    let resources = resources(&mut file, faces, &subsets, logo);
    let tree = add_pages(&mut file, &subsets, &pages, resources)?;
    let mut catalog = Dictionary::from_iter([
        ("Type", "Catalog".into()),
        ("Pages", tree.into()),
        ("Metadata", metadata.into()),
        ("OutputIntents", vec![intent].into()),
        ("Lang", text_string(paper.language.tag())),
    ]);
    let shows_title = Dictionary::from_iter([("DisplayDocTitle", true.into())]);
    catalog.set("ViewerPreferences", shows_title);
    if let Some(xml) = xml {
        archive::attach(&mut file, &mut catalog, xml, paper.at);
    }
    let catalog = file.add_object(catalog);
    file.trailer.set("Root", catalog);
    file.trailer.set("Info", info);
    file.compress();

    // The id of a file follows from its contents (ISO 32000-1 §14.4), so it comes last.
    let mut bytes = Vec::new();
    file.save_to(&mut bytes)?;
    let id: Vec<u8> = Sha256::digest(&bytes).iter().copied().take(16).collect();
    let id = Object::String(id, StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    bytes.clear();
    file.save_to(&mut bytes)?;
    Ok(bytes)
}

/// Every character on the pages.
fn drawn(pages: &[Canvas]) -> BTreeMap<Weight, BTreeSet<char>> {
    let mut drawn: BTreeMap<Weight, BTreeSet<char>> = BTreeMap::new();
    for (weight, characters) in pages.iter().flat_map(Canvas::drawn) {
        drawn.entry(*weight).or_default().extend(characters);
    }
    drawn
}

/// What every page may draw with.
fn resources(
    file: &mut Document,
    faces: &Faces,
    subsets: &Subsets,
    logo: Option<&Logo>,
) -> ObjectId {
    let mut fonts = Dictionary::new();
    for subset in subsets.iter() {
        let font = embedding::add(file, subset, faces.face(subset.weight));
        fonts.set(subset.weight.font_id().0, font);
    }
    let mut resources = Dictionary::from_iter([("Font", fonts.into())]);
    if let Some(logo) = logo {
        let image = file.add_object(logo.image());
        let images = Dictionary::from_iter([(crate::canvas::LOGO, image.into())]);
        resources.set("XObject", images);
    }
    file.add_object(resources)
}

fn add_pages(
    file: &mut Document,
    subsets: &Subsets,
    pages: &[Canvas],
    resources: ObjectId,
) -> Result<ObjectId, RenderError> {
    let tree = file.new_object_id();
    let thousandths = |length: i64| Object::Real(crate::canvas::points(length).0);
    let paper = [0.into(), 0.into(), thousandths(WIDTH), thousandths(HEIGHT)];
    let mut kids: Vec<Object> = Vec::with_capacity(pages.len());
    for page in pages {
        let content = content::encode(page.ops(), subsets);
        let content = content.ok_or_else(|| io::Error::other("a page cannot be encoded"))?;
        let content = file.add_object(Stream::new(Dictionary::new(), content));
        let page = file.add_object(Dictionary::from_iter([
            ("Type", "Page".into()),
            ("Parent", tree.into()),
            ("MediaBox", paper.to_vec().into()),
            ("Resources", resources.into()),
            ("Contents", content.into()),
        ]));
        kids.push(page.into());
    }
    let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
    let pages = Dictionary::from_iter([
        ("Type", "Pages".into()),
        ("Count", count.into()),
        ("Kids", kids.into()),
    ]);
    file.set_object(tree, pages);
    Ok(tree)
}
