//! JPEG (ISO/IEC 10918-1 annex B).

use super::image::{Image, UnusableLogo};

/// More than any encoder makes of a progressive image: each is a pass over all of it for whoever looks at it.
const MOST_SCANS: u32 = 100;

/// The frame header of one of the processes that PDF knows. Nothing is decoded.
pub fn read(file: &[u8]) -> Result<Image, UnusableLogo> {
    let mut rest = after_start(file).ok_or(UnusableLogo::OtherForm)?;
    loop {
        match segment(&mut rest).ok_or(UnusableLogo::Damaged)? {
            // Baseline, extended and progressive: 8 bits, height, width, samples.
            (0xc0..=0xc2, [8, h1, h2, w1, w2, samples @ (1 | 3), ..]) => {
                let width = u32::from(u16::from_be_bytes([*w1, *w2]));
                let height = u32::from(u16::from_be_bytes([*h1, *h2]));
                let mut image = Image::new((width, height), *samples)?;
                image.data = file.to_vec();
                return Ok(image);
            }
            // Other processes; 0xc4 is a table of codes.
            (0xc0..=0xc3 | 0xc5..=0xcf, _) => return Err(UnusableLogo::OtherForm),
            (0xda, _) => return Err(UnusableLogo::Damaged),
            _ => {}
        }
    }
}

/// Looks at the order of a file's segments, and at how much there is in its scans. Their samples, which are in codes of
/// the file's own, are not decoded.
pub fn inspect(file: &[u8]) -> Result<(), UnusableLogo> {
    has_its_segments(file).ok_or(UnusableLogo::Damaged)
}

fn has_its_segments(file: &[u8]) -> Option<()> {
    let mut rest = after_start(file)?;
    let mut frame: Option<Frame> = None;
    let (mut codes, mut steps, mut scans, mut coded) = (false, false, 0, 0);
    loop {
        if scans > 0 && end(rest) {
            return (coded * 8 >= frame?.blocks).then_some(());
        }
        match segment(&mut rest)? {
            (0xc0..=0xc2, data) if frame.is_none() => frame = Some(Frame::of(data)?),
            (0xc4, _) => codes = true,
            (0xdb, _) => steps = true,
            // Of applications, comments, and how often a scan begins anew.
            (0xe0..=0xef | 0xfe, _) | (0xdd, [_, _]) => {}
            (0xda, data) if codes && steps && scans < MOST_SCANS => {
                frame.as_ref().filter(|frame| frame.may_scan(data))?;
                scans += 1;
                coded += scan(&mut rest)?;
            }
            _ => return None,
        }
    }
}

fn after_start(file: &[u8]) -> Option<&[u8]> {
    file.strip_prefix(&[0xff, 0xd8])
}

/// The image ends here, and the file with it.
fn end(mut rest: &[u8]) -> bool {
    marker(&mut rest) == Some(0xd9) && rest.is_empty()
}

/// A marker, which 0xff may be before as often as it likes (§B.1.1.2).
fn marker(rest: &mut &[u8]) -> Option<u8> {
    let after = rest.strip_prefix(&[0xff])?;
    let at = after.iter().position(|byte| *byte != 0xff)?;
    let (marker, after) = after.get(at..)?.split_first()?;
    *rest = after;
    Some(*marker)
}

/// A marker and what belongs to it.
fn segment<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let marker = marker(rest)?;
    let (length, _) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (segment, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((marker, segment.get(2..)?))
}

/// Goes to the marker that ends a scan. Says how many bytes there were before.
fn scan(rest: &mut &[u8]) -> Option<usize> {
    let ends = |pair: &[u8]| matches!(pair, [0xff, next] if !matches!(next, 0 | 0xd0..=0xd7));
    let length = rest.windows(2).position(ends)?;
    *rest = rest.get(length..)?;
    (length > 0).then_some(length)
}

struct Frame {
    ids: Vec<u8>,
    /// Squares of 8 by 8 samples, each of which takes one bit at least.
    blocks: usize,
}

impl Frame {
    fn of(data: &[u8]) -> Option<Self> {
        let (&[_, h1, h2, w1, w2, samples], components) = data.split_first_chunk::<6>()?;
        let height = usize::from(u16::from_be_bytes([h1, h2]));
        let width = usize::from(u16::from_be_bytes([w1, w2]));
        if components.len() != 3 * usize::from(samples) {
            return None;
        }
        let (parts, _) = components.as_chunks::<3>();
        let across = |part: &[u8; 3]| usize::from(part[1] >> 4);
        let down = |part: &[u8; 3]| usize::from(part[1] & 15);
        let shared = (
            parts.iter().map(across).max()?,
            parts.iter().map(down).max()?,
        );
        let mut frame = Self {
            ids: Vec::new(),
            blocks: 0,
        };
        for part in parts {
            let in_bounds = (1..=4).contains(&across(part)) && (1..=4).contains(&down(part));
            if !in_bounds || part[2] > 3 || frame.ids.contains(&part[0]) {
                return None;
            }
            frame.ids.push(part[0]);
            frame.blocks += (width * across(part)).div_ceil(8 * shared.0)
                * (height * down(part)).div_ceil(8 * shared.1);
        }
        Some(frame)
    }

    /// Whether it has the components of a scan (§B.2.3).
    fn may_scan(&self, data: &[u8]) -> bool {
        let Some((count, parts)) = data.split_first() else {
            return false;
        };
        let count = usize::from(*count);
        let (parts, rest) = parts.split_at(parts.len().min(2 * count));
        let known = |part: &[u8]| part.first().is_some_and(|id| self.ids.contains(id));
        (1..=self.ids.len()).contains(&count) && rest.len() == 3 && parts.chunks(2).all(known)
    }
}
