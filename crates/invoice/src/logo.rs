//! The seller's logo: a JPEG, or a PNG of eight bits a sample without interlacing. Both are embedded
//! as they are (ISO 32000-1 §7.4.4, §7.4.8), so that printing decodes nothing; what is in them is looked at
//! once, when somebody gives them.
//!
//! Refuses what PDF/A or a PDF reader could not show so: CMYK, palettes, transparency, 16 bits.

mod image;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;

use lopdf::{Dictionary, Object, Stream};

use image::Image;
pub use image::UnusableLogo;

/// An image that can be embedded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    format: Format,
    image: Image,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
}

impl Logo {
    /// Reads the header of an image file that was inspected when it was taken.
    ///
    /// # Errors
    /// [`UnusableLogo`].
    pub fn new(file: &[u8]) -> Result<Self, UnusableLogo> {
        let (format, image) = if png::is_png(file) {
            (Format::Png, png::read(file)?)
        } else {
            (Format::Jpeg, jpeg::read(file)?)
        };
        Ok(Self { format, image })
    }

    /// Reads a file that somebody gives, to its last byte: readers of invoices will decode it.
    ///
    /// # Errors
    /// [`UnusableLogo`].
    pub fn inspect(file: &[u8]) -> Result<Self, UnusableLogo> {
        let logo = Self::new(file)?;
        match logo.format {
            Format::Jpeg => jpeg::inspect(file)?,
            Format::Png => png::inspect(file, &logo.image)?,
        }
        Ok(logo)
    }

    /// Width and height that fit a box and keep the proportions.
    pub fn fit(&self, (width, height): (i64, i64)) -> (i64, i64) {
        let (w, h) = (i64::from(self.image.width), i64::from(self.image.height));
        if w * height > h * width {
            (width, h * width / w)
        } else {
            (w * height / h, height)
        }
    }

    /// The image as PDF embeds it (ISO 32000-1 §8.9.5).
    pub fn image(&self) -> Stream {
        let space = if self.image.samples == 1 {
            "DeviceGray"
        } else {
            "DeviceRGB"
        };
        let mut dictionary = Dictionary::from_iter([
            ("Type", "XObject".into()),
            ("Subtype", "Image".into()),
            ("Width", i64::from(self.image.width).into()),
            ("Height", i64::from(self.image.height).into()),
            ("ColorSpace", space.into()),
            ("BitsPerComponent", 8.into()),
        ]);
        match self.format {
            Format::Jpeg => dictionary.set("Filter", "DCTDecode"),
            Format::Png => {
                let parameters = Dictionary::from_iter([
                    ("Predictor", Object::Integer(15)),
                    ("Colors", i64::from(self.image.samples).into()),
                    ("BitsPerComponent", 8.into()),
                    ("Columns", i64::from(self.image.width).into()),
                ]);
                dictionary.set("Filter", "FlateDecode");
                dictionary.set("DecodeParms", parameters);
            }
        }
        Stream::new(dictionary, self.image.data.clone()).with_compression(false)
    }
}
