//! Below the table: VAT by rate and the state of the payment on the left, what everything comes to
//! on the right, and the mentions that the law wants. Nothing of it is torn between two pages unless it is longer
//! than one.

use crate::paper::{Sum, Weight};
use crate::sheet::{ACCENT, Align, COLUMN, HAIRLINE, LEFT, MUTED, RIGHT, Sheet, TEXT, TINT};
use crate::typeface::Font;

const BODY: Font = Font::regular(8_800);
const STRONG: Font = Font::bold(8_800);
const HEAD: Font = Font::bold(7_500);
const GRAND: Font = Font::bold(13_000);
const SMALL: Font = Font::regular(7_300);

/// Space above the block, and the heights of its rows and of the box of the grand total.
const ABOVE: i64 = 16_000;
/// Between the totals and the mentions.
const BELOW: i64 = 14_000;
const ROW: i64 = 17_000;
const BOX: i64 = 31_000;
const INSET: i64 = 8_000;

/// The widths of the two halves.
const RATES: i64 = 248_000;
const TOTALS: i64 = 222_000;
/// The columns of the rates: rate, net, VAT, gross.
const RATE_COLUMNS: [i64; 4] = [48_000, 62_000, 58_000, 64_000];

/// What stays in one piece, from the end of the table.
pub fn height(sheet: &Sheet<'_>) -> i64 {
    let mentions = mentions_height(sheet);
    let block = ABOVE + rates_height(sheet).max(totals_height(sheet));
    let whole = block + BELOW + mentions;
    // Mentions that are longer than a page are torn, and the totals are not.
    if whole <= Sheet::room_of_a_page() {
        whole
    } else {
        block
    }
}

/// Draws the block and leaves the pen below it.
pub fn draw(sheet: &mut Sheet<'_>) {
    let needed = height(sheet);
    if needed > sheet.room() && needed <= Sheet::room_of_a_page() {
        sheet.turn();
    } else {
        sheet.y += ABOVE;
    }
    let top = sheet.y;
    draw_rates(sheet);
    draw_payment(sheet);
    let below = sheet.y;
    sheet.y = top;
    draw_totals(sheet);
    sheet.y = sheet.y.max(below) + BELOW;
    draw_mentions(sheet);
}

fn rates_height(sheet: &Sheet<'_>) -> i64 {
    let rates = &sheet.paper.rates;
    let head = if rates.rows.is_empty() {
        0
    } else {
        ROW + 6_000
    };
    let rows = rates.rows.iter().map(|_| ROW).sum::<i64>();
    let note = rates.note.as_ref().map_or(0, |_| 2 * STRONG.leading());
    head + rows + note + 70_000
}

fn totals_height(sheet: &Sheet<'_>) -> i64 {
    sheet.paper.sums.iter().map(height_of).sum()
}

const fn height_of(sum: &Sum) -> i64 {
    match sum.weight {
        Weight::Grand => BOX + 6_000,
        Weight::Light | Weight::Strong => ROW,
    }
}

fn draw_rates(sheet: &mut Sheet<'_>) {
    let rates = &sheet.paper.rates;
    if !rates.rows.is_empty() {
        sheet.fill(TINT, (LEFT, sheet.y), (RATES, ROW));
        draw_rate(sheet, HEAD, rates.head);
        for row in &rates.rows {
            draw_rate(sheet, BODY, row.each_ref().map(|cell| &**cell));
            sheet.fill(HAIRLINE, (LEFT, sheet.y - 500), (RATES, 500));
        }
        sheet.y += 6_000;
    }
    if let Some(note) = &rates.note {
        let column = (LEFT, RATES);
        sheet.paragraph(STRONG, TEXT, column, Align::Left, (note, 2));
        sheet.y += 6_000;
    }
}

fn draw_rate(sheet: &mut Sheet<'_>, font: Font, cells: [&str; 4]) {
    let top = sheet.y;
    sheet.y += (ROW - font.leading()) / 2;
    let ink = if font == HEAD { ACCENT } else { TEXT };
    let mut end = LEFT + INSET;
    for (position, (cell, width)) in cells.into_iter().zip(RATE_COLUMNS).enumerate() {
        if position == 0 {
            let cell = sheet.printable(cell);
            sheet.line(font, ink, (end, width), Align::Left, &cell);
        } else {
            sheet.figure(font, ink, (end + 3_000, width - 3_000), cell);
        }
        end += width;
    }
    sheet.y = top + ROW;
}

/// The state of the payment, with a bar beside it that is coloured once it is settled.
fn draw_payment(sheet: &mut Sheet<'_>) {
    let payment = &sheet.paper.payment;
    let ink = if payment.is_settled { ACCENT } else { MUTED };
    let column = (LEFT + 10_000, RATES - 10_000);
    sheet.y += 4_000;
    let top = sheet.y;
    let state = (&*payment.state, 3);
    sheet.paragraph(STRONG, ink, column, Align::Left, state);
    if let Some(detail) = &payment.detail {
        sheet.paragraph(BODY, TEXT, column, Align::Left, (detail, 2));
    }
    sheet.fill(ink, (LEFT, top), (2_500, sheet.y - top));
}

fn draw_totals(sheet: &mut Sheet<'_>) {
    for sum in &sheet.paper.sums {
        if height_of(sum) > sheet.room() {
            sheet.turn();
        }
        match sum.weight {
            Weight::Light => draw_sum(sheet, (BODY, BODY), ROW, sum),
            Weight::Strong => draw_sum(sheet, (STRONG, STRONG), ROW, sum),
            Weight::Grand => {
                sheet.y += 3_000;
                sheet.fill(ACCENT, (RIGHT - TOTALS, sheet.y), (TOTALS, BOX));
                draw_sum(sheet, (Font::bold(9_500), GRAND), BOX, sum);
                sheet.y += 3_000;
            }
        }
    }
}

/// A label and its amount, both in the middle of a row of this height.
fn draw_sum(sheet: &mut Sheet<'_>, (small, large): (Font, Font), height: i64, sum: &Sum) {
    let ink = match sum.weight {
        Weight::Grand => crate::sheet::PAPER,
        Weight::Light | Weight::Strong => TEXT,
    };
    let (x, width) = (RIGHT - TOTALS + INSET, TOTALS - 2 * INSET);
    let label_width = width * 11 / 20;
    let top = sheet.y;
    sheet.y = top + (height - small.leading()) / 2;
    let label = sheet.printable(&sum.label);
    sheet.line(small, ink, (x, label_width), Align::Left, &label);
    sheet.y = top + (height - large.leading()) / 2;
    let place = (x + label_width, width - label_width);
    sheet.figure(large, ink, place, &sum.amount);
    sheet.y = top + height;
}

fn mentions_height(sheet: &Sheet<'_>) -> i64 {
    let mentions = sheet.paper.mentions.iter();
    let lines = mentions.flat_map(|mention| sheet.wrap(SMALL, COLUMN, mention));
    lines.map(|_| SMALL.leading()).sum()
}

fn draw_mentions(sheet: &mut Sheet<'_>) {
    for mention in &sheet.paper.mentions {
        for line in sheet.wrap(SMALL, COLUMN, mention) {
            if SMALL.leading() > sheet.room() {
                sheet.turn();
            }
            sheet.line(SMALL, MUTED, (LEFT, COLUMN), Align::Left, &line);
            sheet.y += SMALL.leading();
        }
    }
}
