//! The seller's logo: a JPEG, or a PNG of eight bits a sample without interlacing. Both are embedded
//! as they are (ISO 32000-1 §7.4.4, §7.4.8), so that nothing is decoded here.
//!
//! Refuses what PDF/A or a PDF reader could not show so: CMYK, palettes, transparency, 16 bits.

use lopdf::{Dictionary, Object, Stream};

/// The most pixels of a side: more would be a photograph.
const LARGEST: u32 = 4_000;

/// An image that can be embedded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    format: Format,
    width: u32,
    height: u32,
    /// Samples of a pixel: 1 is grey, 3 is red, green and blue.
    samples: u8,
    data: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
}

/// The file is no image that an invoice can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a logo is a JPEG or a PNG of 8 bits, grey or RGB, not transparent, not interlaced, up to 4000 pixels a side"
)]
pub struct UnusableLogo;

impl Logo {
    /// Reads the header of an image file.
    ///
    /// # Errors
    /// [`UnusableLogo`].
    pub fn new(file: &[u8]) -> Result<Self, UnusableLogo> {
        let logo = png(file).or_else(|| jpeg(file)).ok_or(UnusableLogo)?;
        let sides = 1..=LARGEST;
        if sides.contains(&logo.width) && sides.contains(&logo.height) {
            Ok(logo)
        } else {
            Err(UnusableLogo)
        }
    }

    /// Width and height that fit a box and keep the proportions.
    pub fn fit(&self, (width, height): (i64, i64)) -> (i64, i64) {
        let (w, h) = (i64::from(self.width), i64::from(self.height));
        if w * height > h * width {
            (width, h * width / w)
        } else {
            (w * height / h, height)
        }
    }

    /// The image as PDF embeds it (ISO 32000-1 §8.9.5).
    pub fn image(&self) -> Stream {
        let space = if self.samples == 1 {
            "DeviceGray"
        } else {
            "DeviceRGB"
        };
        let mut dictionary = Dictionary::from_iter([
            ("Type", "XObject".into()),
            ("Subtype", "Image".into()),
            ("Width", i64::from(self.width).into()),
            ("Height", i64::from(self.height).into()),
            ("ColorSpace", space.into()),
            ("BitsPerComponent", 8.into()),
        ]);
        match self.format {
            Format::Jpeg => dictionary.set("Filter", "DCTDecode"),
            Format::Png => {
                let parameters = Dictionary::from_iter([
                    ("Predictor", Object::Integer(15)),
                    ("Colors", i64::from(self.samples).into()),
                    ("BitsPerComponent", 8.into()),
                    ("Columns", i64::from(self.width).into()),
                ]);
                dictionary.set("Filter", "FlateDecode");
                dictionary.set("DecodeParms", parameters);
            }
        }
        Stream::new(dictionary, self.data.clone()).with_compression(false)
    }
}

/// PNG (ISO/IEC 15948): signature, IHDR, and the IDAT chunks one after the other.
fn png(file: &[u8]) -> Option<Logo> {
    let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let mut header: Option<Logo> = None;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        rest = after.get(4..)?;
        match name {
            b"IHDR" => header = Some(png_header(data)?),
            b"IDAT" => header.as_mut()?.data.extend(data),
            b"tRNS" => return None,
            b"IEND" => break,
            _ => {}
        }
    }
    header.filter(|logo| !logo.data.is_empty())
}

fn png_header(data: &[u8]) -> Option<Logo> {
    let (width, data) = data.split_first_chunk::<4>()?;
    let (height, data) = data.split_first_chunk::<4>()?;
    // Eight bits, grey or RGB, the only compression and filter method there is, no interlacing.
    let samples = match data {
        [8, 0, 0, 0, 0] => 1,
        [8, 2, 0, 0, 0] => 3,
        _ => return None,
    };
    Some(Logo {
        format: Format::Png,
        width: u32::from_be_bytes(*width),
        height: u32::from_be_bytes(*height),
        samples,
        data: Vec::new(),
    })
}

/// JPEG (ISO/IEC 10918-1 annex B): the frame header of one of the processes that PDF knows.
fn jpeg(file: &[u8]) -> Option<Logo> {
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (marker, after) = rest.split_first_chunk::<2>()?;
        let (length, _) = after.split_first_chunk::<2>()?;
        let (segment, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        match (marker, segment) {
            // Baseline, extended and progressive: length, 8 bits, height, width, samples.
            ([0xff, 0xc0..=0xc2], [_, _, 8, h1, h2, w1, w2, samples @ (1 | 3), ..]) => {
                return Some(Logo {
                    format: Format::Jpeg,
                    width: u32::from(u16::from_be_bytes([*w1, *w2])),
                    height: u32::from(u16::from_be_bytes([*h1, *h2])),
                    samples: *samples,
                    data: file.to_vec(),
                });
            }
            ([0xff, 0xc0..=0xc2 | 0xda], _) => return None,
            ([0xff, _], _) => rest = after,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, &name[..], data, &[0; 4]].concat()
    }

    fn png_of(colour: u8, interlace: u8) -> Vec<u8> {
        let header = [
            &[0, 0, 0, 40, 0, 0, 0, 20, 8, colour, 0, 0][..],
            &[interlace],
        ]
        .concat();
        [
            &b"\x89PNG\r\n\x1a\n"[..],
            &chunk(b"IHDR", &header),
            &chunk(b"IDAT", &[1, 2]),
            &chunk(b"IDAT", &[3]),
            &chunk(b"IEND", &[]),
        ]
        .concat()
    }

    #[test]
    fn a_png_is_embedded_as_it_is_and_keeps_its_proportions() {
        let logo = Logo::new(&png_of(2, 0)).unwrap();
        assert_eq!((logo.width, logo.height, logo.samples), (40, 20, 3));
        assert_eq!(logo.data, [1, 2, 3]);
        assert_eq!(logo.fit((100, 100)), (100, 50));
        assert_eq!(logo.fit((100, 10)), (20, 10));
    }

    #[test]
    fn a_jpeg_is_known_by_its_frame() {
        let frame = [0xff, 0xc0, 0, 11, 8, 0, 20, 0, 40, 3, 0, 0, 0];
        let file = [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2][..], &frame].concat();
        let logo = Logo::new(&file).unwrap();
        assert_eq!((logo.width, logo.height, logo.samples), (40, 20, 3));
        let cmyk = [
            &[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 20, 0, 40, 4][..],
            &[0; 3],
        ]
        .concat();
        assert_eq!(Logo::new(&cmyk), Err(UnusableLogo));
    }

    #[test]
    fn what_a_page_could_not_show_is_refused() {
        let transparent = png_of(6, 0);
        let interlaced = png_of(2, 1);
        let whole = png_of(2, 0);
        for file in [&transparent[..], &interlaced, &whole[..40], b"GIF89a", b""] {
            assert_eq!(Logo::new(file), Err(UnusableLogo));
        }
    }
}
