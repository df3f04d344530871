//! The top of the first page: who sells, what this is, its dates and references, and who buys.

use crate::canvas::Ink;
use crate::logo::Logo;
use crate::paper::Party;
use crate::sheet::{ACCENT, Align, COLUMN, HAIRLINE, LEFT, MUTED, RIGHT, Sheet, TEXT, TINT};
use crate::typeface::Font;

/// The widths of what stands left and right at the very top.
const SHOP: i64 = 270_000;
const TITLE: i64 = COLUMN - SHOP - 16_000;
/// The most that a logo takes.
const LOGO: (i64, i64) = (170_000, 56_000);

const GUTTER: i64 = 20_000;
const HALF: i64 = (COLUMN - GUTTER) / 2;

/// No field takes more lines than these, whatever was typed into it: the head of a paper leaves
/// room for its lines.
const MOST_LINES: usize = 4;
/// And no reason for a credit note more than these.
const REASON_LINES: usize = 8;
/// A shop has so many lines of address at most.
const SHOP_LINES: usize = 8;

const LABEL: Font = Font::bold(6_800);
const BODY: Font = Font::regular(9_000);
const STRONG: Font = Font::bold(9_500);
const FACT: Font = Font::regular(8_800);
const DETAIL: Font = Font::regular(7_800);

/// Draws the head and leaves the pen below it.
pub fn draw(sheet: &mut Sheet<'_>, logo: Option<&Logo>) {
    let top = sheet.y;
    title(sheet);
    let below_title = sheet.y;
    sheet.y = top;
    shop(sheet, logo);
    sheet.y = sheet.y.max(below_title) + 20_000;
    facts(sheet);
    parties(sheet);
    notice(sheet);
}

fn shop(sheet: &mut Sheet<'_>, logo: Option<&Logo>) {
    let brand = &sheet.paper.brand;
    if let Some(logo) = logo {
        let size = logo.fit(LOGO);
        sheet.place_logo((LEFT, sheet.y), size);
        sheet.y += size.1 + 9_000;
        let font = Font::bold(9_500);
        text(sheet, font, TEXT, (LEFT, SHOP), (&brand.name, 3));
    } else {
        sheet.y -= 3_000;
        let font = Font::bold(17_000);
        text(sheet, font, ACCENT, (LEFT, SHOP), (&brand.name, 3));
        sheet.y += 3_000;
    }
    for line in brand.lines.iter().take(SHOP_LINES) {
        text(sheet, Font::regular(8_500), MUTED, (LEFT, SHOP), (line, 2));
    }
}

fn title(sheet: &mut Sheet<'_>) {
    let column = (RIGHT - TITLE, TITLE);
    let paper = sheet.paper;
    sheet.y -= 6_000;
    let title = (&*paper.title, 2);
    sheet.paragraph(Font::bold(23_000), TEXT, column, Align::Right, title);
    sheet.y += 1_000;
    let number = (&*paper.subtitle, 2);
    sheet.paragraph(Font::regular(11_000), TEXT, column, Align::Right, number);
}

/// Dates and references, side by side between two rules: a label above each.
fn facts(sheet: &mut Sheet<'_>) {
    let facts = &sheet.paper.facts;
    let count = i64::try_from(facts.len()).unwrap_or(1).max(1);
    let width = (COLUMN + 12_000) / count;
    sheet.fill(HAIRLINE, (LEFT, sheet.y), (COLUMN, 500));
    let top = sheet.y + 9_000;
    let mut bottom = top;
    for (x, fact) in (LEFT..).step_by(step(width)).zip(facts) {
        sheet.y = top;
        let column = (x, width - 12_000);
        write_label(sheet, column, fact.label);
        text(sheet, FACT, TEXT, column, (&fact.value, MOST_LINES));
        if let Some(detail) = &fact.detail {
            text(sheet, DETAIL, MUTED, column, (detail, 1));
        }
        bottom = bottom.max(sheet.y);
    }
    sheet.y = bottom + 9_000;
    sheet.fill(HAIRLINE, (LEFT, sheet.y), (COLUMN, 500));
    sheet.y += 16_000;
}

fn parties(sheet: &mut Sheet<'_>) {
    let top = sheet.y;
    let mut bottom = top;
    let places = (LEFT..).step_by(step(HALF + GUTTER));
    for (x, Party { label, name, lines }) in places.zip(&sheet.paper.parties) {
        sheet.y = top;
        write_label(sheet, (x, HALF), label);
        text(sheet, STRONG, TEXT, (x, HALF), (name, MOST_LINES));
        for line in lines {
            text(sheet, BODY, TEXT, (x, HALF), (line, MOST_LINES));
        }
        bottom = bottom.max(sheet.y);
    }
    sheet.y = bottom + 20_000;
}

/// What must not be overlooked, on a tint.
fn notice(sheet: &mut Sheet<'_>) {
    let Some(notice) = &sheet.paper.notice else {
        return;
    };
    let font = Font::bold(9_000);
    let column = (LEFT + 12_000, COLUMN - 24_000);
    let reason = sheet.paper.reason.as_ref();
    let lines = reason.map_or(0, |reason| {
        sheet.wrap(BODY, column.1, reason).len().min(REASON_LINES)
    });
    let lines = (0..lines).map(|_| BODY.leading()).sum::<i64>();
    let height = font.leading() + lines + 14_000;
    sheet.y -= 4_000;
    sheet.fill(TINT, (LEFT, sheet.y), (COLUMN, height));
    sheet.fill(ACCENT, (LEFT, sheet.y), (2_500, height));
    let below = sheet.y + height + 16_000;
    sheet.y += 7_000;
    text(sheet, font, TEXT, column, (notice, 1));
    if let Some(reason) = reason {
        text(sheet, BODY, TEXT, column, (reason, REASON_LINES));
    }
    sheet.y = below;
}

fn write_label(sheet: &mut Sheet<'_>, column: (i64, i64), label: &str) {
    text(sheet, LABEL, MUTED, column, (&label.to_uppercase(), 1));
    sheet.y += 1_500;
}

fn text(sheet: &mut Sheet<'_>, font: Font, ink: Ink, column: (i64, i64), text: (&str, usize)) {
    sheet.paragraph(font, ink, column, Align::Left, text);
}

/// From one column to the next; a length on a page is positive.
fn step(width: i64) -> usize {
    usize::try_from(width).unwrap_or(1).max(1)
}
