//! The sample papers as files.

use std::error::Error;

use comptoir_invoice::{Invoice, Logo};

use super::papers;

/// A sample: its name, what it says, and its PDF.
pub struct Sample {
    pub name: String,
    pub invoice: Invoice,
    pub pdf: Vec<u8>,
}

/// Every sample; some with a logo, so that both heads are looked at.
pub fn all() -> Result<Vec<Sample>, Box<dyn Error>> {
    let logo = Logo::new(include_bytes!("logo.png"))?;
    let mut samples = Vec::new();
    for (name, invoice) in papers::all()? {
        let logo = name.starts_with("b2b").then_some(&logo);
        let pdf = comptoir_invoice::pdf(&invoice, logo)?;
        samples.push(Sample { name, invoice, pdf });
    }
    Ok(samples)
}
