//! One page to draw on: text and filled rectangles. The only module that knows printpdf's
//! operations, and the only one with floats.
//!
//! Lengths are thousandths of a point from the top left corner, downwards; PDF counts points from
//! the bottom left, upwards.
#![expect(
    clippy::float_arithmetic,
    reason = "points on a page are floats; money is not"
)]

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{
    Color, Op, PaintMode, PdfFontHandle, Point, Pt, Rect, Rgb, TextItem, WindingOrder, XObjectId,
    XObjectTransform,
};

use crate::printable::Printable;
use crate::typeface::{Font, Weight};

/// The width of A4.
pub const WIDTH: i64 = 595_276;
/// The height of A4.
pub const HEIGHT: i64 = 841_890;

/// What pages call the image that they may draw.
pub const LOGO: &str = "Logo";

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

/// A page, and what was drawn on it so far.
#[derive(Default)]
pub struct Canvas {
    ops: Vec<Op>,
    drawn: BTreeMap<Weight, BTreeSet<char>>,
}

impl Canvas {
    /// Fills a rectangle whose top left corner is at (x, y).
    pub fn fill(&mut self, ink: Ink, (x, y): (i64, i64), (width, height): (i64, i64)) {
        let rectangle = Rect {
            x: points(x),
            y: points(HEIGHT - y - height),
            width: points(width),
            height: points(height),
            mode: Some(PaintMode::Fill),
            winding_order: Some(WindingOrder::NonZero),
        };
        self.ops.extend([
            Op::SetFillColor { col: color(ink) },
            Op::DrawRectangle { rectangle },
        ]);
    }

    /// Writes a text that begins at x, on a line of the font's leading whose top is at y.
    pub fn write(&mut self, ink: Ink, font: Font, (x, y): (i64, i64), text: &Printable) {
        // Three quarters down the line: ascenders above, descenders below.
        let baseline = y + font.leading() * 3 / 4;
        let pos = Point {
            x: points(x),
            y: points(HEIGHT - baseline),
        };
        let handle = PdfFontHandle::External(font.weight.font_id());
        let glyphs = text.glyphs();
        self.drawn
            .entry(font.weight)
            .or_default()
            .extend(glyphs.chars());
        self.ops.extend([
            Op::StartTextSection,
            Op::SetFillColor { col: color(ink) },
            Op::SetFont {
                font: handle,
                size: points(font.size),
            },
            Op::SetTextCursor { pos },
            Op::ShowText {
                items: vec![TextItem::Text(glyphs)],
            },
            Op::EndTextSection,
        ]);
    }

    /// Draws the logo into a rectangle whose top left corner is at (x, y).
    pub fn place_logo(&mut self, (x, y): (i64, i64), (width, height): (i64, i64)) {
        let transform = XObjectTransform {
            translate_x: Some(points(x)),
            translate_y: Some(points(HEIGHT - y - height)),
            scale_x: Some(points(width).0),
            scale_y: Some(points(height).0),
            ..XObjectTransform::default()
        };
        let id = XObjectId(String::from(LOGO));
        self.ops.push(Op::UseXobject { id, transform });
    }

    /// What was drawn, from the bottom up.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Every character that was written, by its weight.
    pub const fn drawn(&self) -> &BTreeMap<Weight, BTreeSet<char>> {
        &self.drawn
    }
}

/// A page has fewer thousandths of a point than a float has exact integers.
pub fn points(length: i64) -> Pt {
    Pt(length as f32 / 1000.0)
}

fn color(Ink(r, g, b): Ink) -> Color {
    let [r, g, b] = [r, g, b].map(|part| f32::from(part) / 255.0);
    Color::Rgb(Rgb {
        r,
        g,
        b,
        icc_profile: None,
    })
}
