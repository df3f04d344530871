//! The lines of the order as a table, over as many pages as they need. The head is repeated; a row
//! stays in one piece unless it is longer than a page.

use crate::document::Line;
use crate::sheet::{ACCENT, Align, COLUMN, HAIRLINE, LEFT, RIGHT, Sheet, TEXT, TINT};
use crate::typeface::Font;

const BODY: Font = Font::regular(9_000);
const HEAD: Font = Font::bold(7_500);

/// Above and below the text of a row.
const PADDING: i64 = 5_000;
/// Between the edge of the table and its text, and at least between two columns.
const INSET: i64 = 8_000;
const HEAD_HEIGHT: i64 = 22_000;

/// A column of figures: where it begins, and its width.
type Figures = (i64, i64);
const TOTAL: Figures = (RIGHT - INSET - 84_000, 84_000);
const VAT: Figures = (TOTAL.0 - INSET - 36_000, 36_000);
const UNIT_PRICE: Figures = (VAT.0 - INSET - 82_000, 82_000);
const QUANTITY: Figures = (UNIT_PRICE.0 - INSET - 32_000, 32_000);
/// What is left is for the name.
const NAME: Figures = (LEFT + INSET, QUANTITY.0 - 2 * INSET - LEFT - INSET);

/// Draws the table and leaves the pen below it.
pub fn draw(sheet: &mut Sheet<'_>) {
    if sheet.room() < HEAD_HEIGHT + 2 * PADDING + BODY.leading() {
        sheet.turn();
    }
    draw_head(sheet);
    for line in &sheet.document.lines {
        draw_row(sheet, line);
    }
}

fn draw_head(sheet: &mut Sheet<'_>) {
    sheet.fill(TINT, (LEFT, sheet.y), (COLUMN, HEAD_HEIGHT));
    let below = sheet.y + HEAD_HEIGHT;
    sheet.y += (HEAD_HEIGHT - HEAD.leading()) / 2;
    let wording = &sheet.wording;
    let figures = [
        (QUANTITY, wording.quantity),
        (UNIT_PRICE, wording.unit_price),
        (VAT, wording.vat),
        (TOTAL, wording.line_total),
    ];
    let item = sheet.printable(wording.item);
    sheet.line(HEAD, ACCENT, NAME, Align::Left, &item);
    for (column, label) in figures {
        sheet.figure(HEAD, ACCENT, column, label);
    }
    sheet.y = below;
}

fn draw_row(sheet: &mut Sheet<'_>, line: &Line) {
    let name = sheet.wrap(BODY, NAME.1, &line.name);
    let text_height = name.iter().map(|_| BODY.leading()).sum::<i64>();
    let height = text_height + 2 * PADDING;
    let fits_a_page = height <= Sheet::room_of_a_page() - HEAD_HEIGHT;
    let needed = if fits_a_page {
        height
    } else {
        BODY.leading() + 2 * PADDING
    };
    if needed > sheet.room() {
        go_on(sheet);
    }
    sheet.y += PADDING;
    draw_figures(sheet, line);
    for part in &name {
        if BODY.leading() + PADDING > sheet.room() {
            go_on(sheet);
            sheet.y += PADDING;
        }
        sheet.line(BODY, TEXT, NAME, Align::Left, part);
        sheet.y += BODY.leading();
    }
    sheet.y += PADDING;
    sheet.fill(HAIRLINE, (LEFT, sheet.y - 500), (COLUMN, 500));
}

fn draw_figures(sheet: &mut Sheet<'_>, line: &Line) {
    let language = sheet.document.language;
    sheet.figure(BODY, TEXT, QUANTITY, &line.quantity.to_string());
    sheet.figure(BODY, TEXT, UNIT_PRICE, &line.unit_price.format(language));
    sheet.figure(BODY, TEXT, VAT, &line.vat_rate.format(language));
    sheet.figure(BODY, TEXT, TOTAL, &line.total.format(language));
}

fn go_on(sheet: &mut Sheet<'_>) {
    sheet.turn();
    draw_head(sheet);
}
