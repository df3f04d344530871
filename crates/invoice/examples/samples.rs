//! Writes the sample set that validators check: `cargo run -p comptoir-invoice --example samples --
//! FOLDER`. Each paper as PDF, its snapshot as JSON.

#[path = "samples/files.rs"]
mod files;
#[path = "samples/papers.rs"]
mod papers;

use std::error::Error;
use std::path::PathBuf;

use files::Sample;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    for Sample { name, invoice, pdf } in files::all()? {
        std::fs::write(folder.join(format!("{name}.pdf")), &pdf)?;
        let json = serde_json::to_vec_pretty(&invoice)?;
        std::fs::write(folder.join(format!("{name}.json")), json)?;
        println!("{name}: {} bytes", pdf.len());
    }
    Ok(())
}
