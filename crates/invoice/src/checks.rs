//! The project's own checks of its papers, for tests only: what tools that nobody here wrote are too
//! lax about (line arithmetic, VAT to the cent, what the metadata claim), and enough of the rest for
//! a mistake to be found without them. Each check names the rule that is broken.

mod amounts;
mod archive;
mod credits;
mod fields;
mod mutations;
mod page;
mod samples;
mod tree;

pub use samples::papers;

use crate::{Invoice, pdf};
use tree::Element;

/// The rules that a file breaks, for the invoice that it should be.
fn broken(file: &lopdf::Document, invoice: &Invoice) -> Vec<String> {
    let mut broken = archive::check(file);
    let xml = archive::attachment(file);
    if xml.is_some() != invoice.number().is_some() {
        broken.push(String::from(
            "an invoice has its XML inside, a pro forma none",
        ));
    }
    if let Some(xml) = xml {
        let root = Element::parse(&xml);
        broken.extend(amounts::check(&root));
        broken.extend(fields::check(&root));
    }
    broken.extend(page::check(file, invoice));
    broken
}

fn load(invoice: &Invoice) -> lopdf::Document {
    lopdf::Document::load_mem(&pdf(invoice, None).unwrap()).unwrap()
}
