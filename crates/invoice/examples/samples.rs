//! Writes the sample set that validators check: `cargo run -p comptoir-invoice --example samples --
//! FOLDER`. Each paper as PDF, its snapshot as JSON.

#[path = "samples/papers.rs"]
mod papers;

use std::error::Error;
use std::path::PathBuf;

use comptoir_invoice::Logo;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let logo = Logo::new(include_bytes!("samples/logo.png"))?;
    for (name, invoice) in papers::all()? {
        // Some with a logo, so that both heads are looked at.
        let logo = name.starts_with("b2b").then_some(&logo);
        let pdf = comptoir_invoice::pdf(&invoice, logo)?;
        std::fs::write(folder.join(format!("{name}.pdf")), &pdf)?;
        let json = serde_json::to_vec_pretty(&invoice)?;
        std::fs::write(folder.join(format!("{name}.json")), json)?;
        println!("{name}: {} bytes", pdf.len());
    }
    Ok(())
}
