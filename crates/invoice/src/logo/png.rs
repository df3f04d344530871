//! PNG (ISO/IEC 15948).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::image::{Image, UnusableLogo};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub fn is_png(file: &[u8]) -> bool {
    file.starts_with(SIGNATURE)
}

/// The header, and the IDAT chunks one after the other. Nothing is decoded.
pub fn read(file: &[u8]) -> Result<Image, UnusableLogo> {
    let mut image: Option<Image> = None;
    let mut chunks = Chunks::of(file).ok_or(UnusableLogo::OtherForm)?;
    while let Some(chunk) = chunks.read()? {
        match &chunk.name {
            b"IHDR" => image = Some(header(chunk.data)?),
            b"IDAT" => {
                let image = image.as_mut().ok_or(UnusableLogo::Damaged)?;
                image.data.extend(chunk.data);
            }
            b"tRNS" => return Err(UnusableLogo::OtherForm),
            b"IEND" => break,
            _ => {}
        }
    }
    image
        .filter(|image| !image.data.is_empty())
        .ok_or(UnusableLogo::Damaged)
}

fn header(data: &[u8]) -> Result<Image, UnusableLogo> {
    let [w1, w2, w3, w4, h1, h2, h3, h4, rest @ ..] = data else {
        return Err(UnusableLogo::Damaged);
    };
    // Eight bits, grey or RGB, the only compression and filter method there is, no interlacing.
    let samples = match rest {
        [8, 0, 0, 0, 0] => 1,
        [8, 2, 0, 0, 0] => 3,
        _ => return Err(UnusableLogo::OtherForm),
    };
    let width = u32::from_be_bytes([*w1, *w2, *w3, *w4]);
    let height = u32::from_be_bytes([*h1, *h2, *h3, *h4]);
    Image::new((width, height), samples)
}

/// Looks at all of a file that [`read`] has read: its chunks, their order and sums, and each row of pixels.
pub fn inspect(file: &[u8], image: &Image) -> Result<(), UnusableLogo> {
    if has_its_chunks(file, image)? && has_its_rows(image).is_some() {
        Ok(())
    } else {
        Err(UnusableLogo::Damaged)
    }
}

/// §5.6: IHDR is first, the IDAT chunks are together, and nothing follows IEND.
fn has_its_chunks(file: &[u8], image: &Image) -> Result<bool, UnusableLogo> {
    let mut chunks = Chunks::of(file).ok_or(UnusableLogo::OtherForm)?;
    let (mut before, mut palettes, mut data) = (None, 0, false);
    while let Some(chunk) = chunks.read()? {
        let in_its_place = match &chunk.name {
            b"IHDR" => before.is_none(),
            // Colours that a screen may use; RGB images only.
            b"PLTE" => {
                palettes += 1;
                image.samples == 3 && palettes == 1 && !data && chunk.is_palette()
            }
            b"IDAT" => !data || before == Some(*b"IDAT"),
            b"IEND" => {
                return Ok(data && chunk.data.is_empty() && chunk.is_whole() && chunks.end());
            }
            // A small letter is first in the name of what can be left out.
            [first, rest @ ..] => {
                first.is_ascii_lowercase() && rest.iter().all(u8::is_ascii_alphabetic)
            }
        };
        if !in_its_place || !chunk.is_whole() || (before.is_none() && chunk.name != *b"IHDR") {
            return Ok(false);
        }
        data |= chunk.name == *b"IDAT";
        before = Some(chunk.name);
    }
    Ok(false)
}

/// Whether the data are as many rows as the header says, and stops at the first byte beyond.
fn has_its_rows(image: &Image) -> Option<()> {
    let width = usize::try_from(image.width).ok()?;
    // Each begins with the filter that it is made with (§9).
    let mut row = vec![0; 1 + width * usize::from(image.samples)];
    let mut rows = Inflation::of(&image.data);
    for _ in 0..image.height {
        rows.fill(&mut row)?;
        row.first().filter(|filter| **filter <= 4)?;
    }
    rows.finish()
}

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    sum: u32,
}

impl Chunk<'_> {
    fn is_whole(&self) -> bool {
        let mut sum = Crc::new();
        sum.update(&self.name);
        sum.update(self.data);
        sum.sum() == self.sum
    }

    fn is_palette(&self) -> bool {
        (3..=768).contains(&self.data.len()) && self.data.len().is_multiple_of(3)
    }
}

struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    fn of(file: &'a [u8]) -> Option<Self> {
        file.strip_prefix(SIGNATURE).map(Self)
    }

    fn end(&self) -> bool {
        self.0.is_empty()
    }

    fn read(&mut self) -> Result<Option<Chunk<'a>>, UnusableLogo> {
        if self.end() {
            return Ok(None);
        }
        self.split().map(Some).ok_or(UnusableLogo::Damaged)
    }

    fn split(&mut self) -> Option<Chunk<'a>> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, rest) = rest.split_at_checked(length)?;
        let (sum, rest) = rest.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(Chunk {
            name: *name,
            data,
            sum: u32::from_be_bytes(*sum),
        })
    }
}

/// A zlib stream (RFC 1950) that is read as far as somebody asks.
struct Inflation<'a> {
    state: Decompress,
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Inflation<'a> {
    fn of(data: &'a [u8]) -> Self {
        Self {
            state: Decompress::new(true),
            rest: data,
            ended: false,
        }
    }

    fn fill(&mut self, mut into: &mut [u8]) -> Option<()> {
        while !into.is_empty() && !self.ended {
            let written = self.step(into)?;
            into = into.get_mut(written..)?;
        }
        into.is_empty().then_some(())
    }

    /// Nothing is left: neither in the stream nor after it.
    fn finish(&mut self) -> Option<()> {
        while !self.ended {
            if self.step(&mut [0])? > 0 {
                return None;
            }
        }
        self.rest.is_empty().then_some(())
    }

    /// How many bytes were written. Nothing if the stream is broken, or goes no further.
    fn step(&mut self, into: &mut [u8]) -> Option<usize> {
        let before = (self.state.total_in(), self.state.total_out());
        let status = self
            .state
            .decompress(self.rest, into, FlushDecompress::None)
            .ok()?;
        let read = usize::try_from(self.state.total_in() - before.0).ok()?;
        let written = usize::try_from(self.state.total_out() - before.1).ok()?;
        self.rest = self.rest.get(read..)?;
        self.ended = status == Status::StreamEnd;
        (self.ended || read + written > 0).then_some(written)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    #[test]
    fn a_bomb_is_read_to_the_first_byte_beyond() {
        let mut bomb = ZlibEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![0; 20_000_000]).unwrap();
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 32 * 1024);
        let mut rows = Inflation::of(&bomb);
        for _ in 0..10 {
            rows.fill(&mut [0; 31]).unwrap();
        }
        assert_eq!(rows.finish(), None);
        assert_eq!(rows.state.total_out(), 10 * 31 + 1);
    }
}
