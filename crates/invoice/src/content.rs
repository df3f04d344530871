//! Pages to PDF content streams (ISO 32000-1 §8, §9): the few of printpdf's operations that a
//! canvas uses. Written here and not by printpdf, whose serializer would link a CMYK profile of
//! 0.65 MB and half a megabyte of operations that no page of ours has (docs/adr/0011).

use lopdf::Object;
use lopdf::content::{Content, Operation};
use printpdf::{Color, Op, PdfFontHandle, Pt, TextItem, XObjectTransform};

use crate::subset::Subsets;
use crate::typeface::Weight;

/// A content stream, or nothing if an operation is none of a canvas.
pub fn encode(ops: &[Op], subsets: &Subsets) -> Option<Vec<u8>> {
    let mut weight = Weight::Regular;
    let mut operations = Vec::with_capacity(ops.len() * 2);
    for op in ops {
        match op {
            Op::SetFillColor {
                col: Color::Rgb(rgb),
            } => operations.push(operation("rg", [rgb.r, rgb.g, rgb.b].map(Object::Real))),
            Op::DrawRectangle { rectangle } => {
                let corner = [rectangle.x, rectangle.y, rectangle.width, rectangle.height];
                operations.push(operation("re", corner.map(real)));
                operations.push(operation("f", []));
            }
            Op::StartTextSection => operations.push(operation("BT", [])),
            Op::EndTextSection => operations.push(operation("ET", [])),
            Op::SetFont {
                font: PdfFontHandle::External(id),
                size,
            } => {
                weight = Weight::ALL.into_iter().find(|it| it.font_id() == *id)?;
                let name = Object::Name(id.0.clone().into_bytes());
                operations.push(operation("Tf", [name, real(*size)]));
            }
            Op::SetTextCursor { pos } => {
                operations.push(operation("Td", [pos.x, pos.y].map(real)));
            }
            Op::ShowText { items } => {
                for item in items {
                    let glyphs = show(item, weight, subsets)?;
                    operations.push(operation("Tj", [glyphs]));
                }
            }
            Op::UseXobject { id, transform } => {
                operations.push(operation("q", []));
                operations.push(operation("cm", matrix(transform)?));
                let name = Object::Name(id.0.clone().into_bytes());
                operations.push(operation("Do", [name]));
                operations.push(operation("Q", []));
            }
            _ => return None,
        }
    }
    Content { operations }.encode().ok()
}

fn operation<const N: usize>(operator: &str, operands: [Object; N]) -> Operation {
    Operation::new(operator, operands.into())
}

const fn real(length: Pt) -> Object {
    Object::Real(length.0)
}

/// The glyphs of a text, two bytes each (Identity-H). A printable text has a glyph for all of it.
fn show(item: &TextItem, weight: Weight, subsets: &Subsets) -> Option<Object> {
    let TextItem::Text(text) = item else {
        return None;
    };
    let mut bytes = Vec::with_capacity(text.len() * 2);
    for character in text.chars() {
        bytes.extend(subsets.glyph(weight, character)?.to_be_bytes());
    }
    Some(Object::String(bytes, lopdf::StringFormat::Hexadecimal))
}

/// An image is one by one: it is scaled to its size and moved to its place.
fn matrix(transform: &XObjectTransform) -> Option<[Object; 6]> {
    let zero = Object::Integer(0);
    Some([
        Object::Real(transform.scale_x?),
        zero.clone(),
        zero,
        Object::Real(transform.scale_y?),
        real(transform.translate_x?),
        real(transform.translate_y?),
    ])
}
