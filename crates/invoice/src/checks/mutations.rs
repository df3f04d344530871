//! Every mistake that the checks are there for is found by them: one thing is broken at a time.

mod amounts;
mod fields;
mod file;
mod page;

use super::papers;
use super::tree::Element;
use crate::{Invoice, xml};

fn business() -> Invoice {
    papers::business(&papers::four_rates().unwrap()).unwrap()
}

fn consumer() -> Invoice {
    papers::consumer(&papers::four_rates().unwrap()).unwrap()
}

fn root(invoice: &Invoice) -> Element {
    Element::parse(&xml(invoice).unwrap())
}

/// The rules that an XML breaks.
fn rules(root: &Element) -> Vec<String> {
    let mut rules = super::amounts::check(root);
    rules.extend(super::fields::check(root));
    rules
}

/// Asserts that a rule that begins like this is found broken.
fn assert_found(found: &[String], rule: &str, what: &str) {
    let is_found = found.iter().any(|it| it.starts_with(rule));
    assert!(is_found, "{what}: {rule} is not in {found:?}");
}
