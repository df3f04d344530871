//! What the readers of files have in common.

/// The most pixels of a side: more would be a photograph.
const LARGEST: u32 = 4_000;

/// The samples of an image, compressed as in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub width: u32,
    pub height: u32,
    /// Samples of a pixel: 1 is grey, 3 is red, green and blue.
    pub samples: u8,
    pub data: Vec<u8>,
}

impl Image {
    /// # Errors
    /// [`UnusableLogo::OtherForm`] if a side is empty or too long.
    pub fn new((width, height): (u32, u32), samples: u8) -> Result<Self, UnusableLogo> {
        let sides = 1..=LARGEST;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(UnusableLogo::OtherForm);
        }
        Ok(Self {
            width,
            height,
            samples,
            data: Vec::new(),
        })
    }
}

/// The file is no image that an invoice can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableLogo {
    #[error(
        "a logo is a JPEG or a PNG of 8 bits, grey or RGB, not transparent, not interlaced, up to 4000 pixels a side"
    )]
    OtherForm,
    #[error("the image has less in it, or more, than it says")]
    Damaged,
}
