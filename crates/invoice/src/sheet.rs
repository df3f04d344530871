//! The pages of a paper while they are filled from top to bottom: margins, inks, where the next
//! thing goes, and what every page says about itself.

use crate::canvas::{Canvas, HEIGHT, Ink, WIDTH};
use crate::paper::Paper;
use crate::paragraph;
use crate::printable::Printable;
use crate::typeface::{Faces, Font};
use crate::wording;

/// What is read.
pub const TEXT: Ink = Ink(0x1d, 0x25, 0x2c);
/// What is read second.
pub const MUTED: Ink = Ink(0x68, 0x73, 0x7d);
/// What is not read.
pub const HAIRLINE: Ink = Ink(0xd8, 0xde, 0xe2);
/// Behind what is looked for.
pub const TINT: Ink = Ink(0xee, 0xf4, 0xf3);
/// The one colour.
pub const ACCENT: Ink = Ink(0x0f, 0x5c, 0x5c);

/// On the one colour.
pub const PAPER: Ink = Ink(0xff, 0xff, 0xff);

/// The left margin, and the right one.
pub const LEFT: i64 = 48_000;
/// Between the margins.
pub const COLUMN: i64 = WIDTH - 2 * LEFT;
/// The end of the right margin.
pub const RIGHT: i64 = WIDTH - LEFT;

/// Where a first page begins.
const TOP: i64 = 54_000;
/// Where the others begin, below their running head.
const TOP_CONTINUED: i64 = 88_000;
/// Where every page ends.
const BOTTOM: i64 = HEIGHT - 68_000;

const RUNNING: Font = Font::regular(7_000);

/// Which edge of its column a text keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// The pages, and where the pen is.
pub struct Sheet<'a> {
    pub paper: &'a Paper,
    /// The top of what comes next.
    pub y: i64,
    faces: &'a Faces,
    finished: Vec<Canvas>,
    page: Canvas,
}

impl<'a> Sheet<'a> {
    pub fn new(paper: &'a Paper, faces: &'a Faces) -> Self {
        let mut sheet = Self {
            paper,
            y: TOP,
            faces,
            finished: Vec::new(),
            page: Canvas::default(),
        };
        sheet.page.fill(ACCENT, (0, 0), (WIDTH, 7_000));
        sheet
    }

    /// What is left of the page.
    pub const fn room(&self) -> i64 {
        BOTTOM - self.y
    }

    /// What an empty page after the first offers.
    pub const fn room_of_a_page() -> i64 {
        BOTTOM - TOP_CONTINUED
    }

    /// Goes on to the next page, which begins with what it continues.
    pub fn turn(&mut self) {
        self.finished.push(std::mem::take(&mut self.page));
        self.page.fill(ACCENT, (0, 0), (WIDTH, 7_000));
        let what = self.printable(&self.paper.running);
        let shop = self.printable(&self.paper.brand.name);
        let half = COLUMN / 2 - 6_000;
        self.y = 44_000;
        self.line(Font::bold(9_000), ACCENT, (LEFT, half), Align::Left, &shop);
        self.line(
            Font::regular(9_000),
            MUTED,
            (RIGHT - half, half),
            Align::Right,
            &what,
        );
        self.fill(HAIRLINE, (LEFT, 66_000), (COLUMN, 500));
        self.y = TOP_CONTINUED;
    }

    pub fn fill(&mut self, ink: Ink, at: (i64, i64), size: (i64, i64)) {
        self.page.fill(ink, at, size);
    }

    pub fn place_logo(&mut self, at: (i64, i64), size: (i64, i64)) {
        self.page.place_logo(at, size);
    }

    pub fn printable(&self, text: &str) -> Printable {
        Printable::new(text, self.faces)
    }

    pub fn wrap(&self, font: Font, column: i64, text: &str) -> Vec<Printable> {
        paragraph::wrap(&self.printable(text), self.faces, font, column)
    }

    /// Writes one line at the pen, which stays: what is too long for its column ends in `…`.
    pub fn line(
        &mut self,
        font: Font,
        ink: Ink,
        (x, column): (i64, i64),
        align: Align,
        text: &Printable,
    ) {
        for line in paragraph::clamp(text, self.faces, font, column, 1) {
            let x = match align {
                Align::Left => x,
                Align::Right => x + column - line.width(self.faces, font),
            };
            self.page.write(ink, font, (x, self.y), &line);
        }
    }

    /// Writes a paragraph of at most so many lines, and moves the pen below it.
    pub fn paragraph(
        &mut self,
        font: Font,
        ink: Ink,
        (x, column): (i64, i64),
        align: Align,
        (text, most): (&str, usize),
    ) {
        for line in paragraph::clamp(&self.printable(text), self.faces, font, column, most) {
            self.line(font, ink, (x, column), align, &line);
            self.y += font.leading();
        }
    }

    /// Writes a figure at the right edge of its column. A figure is never cut: it shrinks, and
    /// keeps the baseline of its row.
    pub fn figure(&mut self, font: Font, ink: Ink, (x, column): (i64, i64), text: &str) {
        let text = self.printable(text);
        let fitted = fitting(font, column, text.width(self.faces, font));
        let x = x + column - text.width(self.faces, fitted);
        let y = self.y + font.baseline() - fitted.baseline();
        self.page.write(ink, fitted, (x, y), &text);
    }

    /// All the pages, with their feet.
    pub fn finish(mut self) -> Vec<Canvas> {
        self.finished.push(std::mem::take(&mut self.page));
        let pages = std::mem::take(&mut self.finished);
        let count = pages.len();
        let wording = wording::of(self.paper.language);
        let foot = self.paper.foot.iter().map(|line| self.printable(line));
        let foot: Vec<Printable> = foot.collect();
        let mut feet = Vec::with_capacity(count);
        for (index, page) in pages.into_iter().enumerate() {
            self.page = page;
            self.y = HEIGHT - 46_000;
            self.fill(HAIRLINE, (LEFT, self.y - 7_000), (COLUMN, 500));
            let number = self.printable(&wording.page_of(index + 1, count));
            let place = (RIGHT - 70_000, 70_000);
            self.line(RUNNING, MUTED, place, Align::Right, &number);
            for line in &foot {
                self.line(RUNNING, MUTED, (LEFT, COLUMN - 80_000), Align::Left, line);
                self.y += RUNNING.leading();
            }
            feet.push(std::mem::take(&mut self.page));
        }
        feet
    }
}

/// The font, smaller if a text of this width would not fit its column.
pub const fn fitting(font: Font, column: i64, width: i64) -> Font {
    if width <= column {
        font
    } else {
        Font {
            size: font.size * column / width,
            ..font
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_amount_fits_its_column(amount in any::<i64>(), column in 30_000..200_000_i64) {
            let faces = Faces::load().unwrap();
            for text in [commerce::Money::eur(amount).format_fr(), commerce::Money::eur(amount).format_en()] {
                let text = Printable::new(&text, faces);
                let font = Font::bold(9_000);
                let font = fitting(font, column, text.width(faces, font));
                prop_assert!(text.width(faces, font) <= column);
            }
        }
    }
}
