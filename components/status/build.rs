//! Compresses the OpenAPI document once, instead of each time that it is sent.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

const DOCUMENT: &str = "../../docs/openapi.json";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let missing = || Error::new(ErrorKind::NotFound, "cargo sets OUT_DIR");
    let folder: OsString = std::env::var_os("OUT_DIR").ok_or_else(missing)?;
    let file = File::create(Path::new(&folder).join("openapi.json.gz"))?;
    let mut encoder = GzEncoder::new(file, Compression::best());
    encoder.write_all(&fs::read(DOCUMENT)?)?;
    encoder.finish()?;
    Ok(())
}
