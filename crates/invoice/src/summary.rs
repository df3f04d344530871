//! Below the lines: VAT by rate on the left, what everything comes to on the right, and what this
//! paper is not. The block is never torn between two pages.

use commerce::{Money, RateTotal};

use crate::sheet::{ACCENT, Align, COLUMN, HAIRLINE, LEFT, MUTED, RIGHT, Sheet, TEXT, TINT};
use crate::typeface::Font;

const BODY: Font = Font::regular(9_000);
const HEAD: Font = Font::bold(7_500);
const GRAND: Font = Font::bold(13_000);

/// Space above the block, the height of its rows, of the box of the grand total, and of the notice.
const ABOVE: i64 = 20_000;
const ROW: i64 = 19_000;
const BOX: i64 = 32_000;
const NOTICE: i64 = 34_000;
const INSET: i64 = 8_000;

/// The table of VAT: four columns of one width.
const QUARTER: i64 = 66_000;
const VAT_TABLE: i64 = 4 * QUARTER + INSET;
/// The totals.
const TOTALS: i64 = 190_000;

/// Draws the block.
pub fn draw(sheet: &mut Sheet<'_>) {
    let totals = &sheet.document.totals;
    let rates = totals.by_rate.iter().map(|_| ROW).sum::<i64>() + ROW;
    let height = ABOVE + rates.max(2 * ROW + BOX) + NOTICE;
    if height > sheet.room() {
        sheet.turn();
    } else {
        sheet.y += ABOVE;
    }
    let top = sheet.y;
    draw_rates(sheet, &totals.by_rate);
    let below_rates = sheet.y;
    sheet.y = top;
    draw_totals(sheet);
    sheet.y = sheet.y.max(below_rates) + 16_000;
    let notice = sheet.wording.notice;
    sheet.paragraph(BODY, MUTED, (LEFT, COLUMN), Align::Left, (notice, 1));
}

fn draw_rates(sheet: &mut Sheet<'_>, rates: &[RateTotal]) {
    let wording = &sheet.wording;
    let head = [wording.vat_rate, wording.net, wording.vat, wording.gross];
    draw_row(sheet, HEAD, head.map(String::from));
    let language = sheet.document.language;
    for rate in rates {
        sheet.fill(HAIRLINE, (LEFT, sheet.y), (VAT_TABLE, 500));
        let [net, vat, gross] =
            [rate.net, rate.vat, rate.gross].map(|amount| amount.format(language));
        draw_row(sheet, BODY, [rate.rate.format(language), net, vat, gross]);
    }
}

/// A row of the table of VAT: the rate on the left, amounts on the right.
fn draw_row(sheet: &mut Sheet<'_>, font: Font, [rate, net, vat, gross]: [String; 4]) {
    let ink = if font == HEAD { MUTED } else { TEXT };
    let below = sheet.y + ROW;
    sheet.y += (ROW - font.leading()) / 2;
    let rate = sheet.printable(&rate);
    sheet.line(font, ink, (LEFT, QUARTER), Align::Left, &rate);
    for (column, amount) in (1..).zip([net, vat, gross]) {
        let x = LEFT + column * QUARTER + INSET;
        sheet.figure(font, ink, (x, QUARTER - INSET), &amount);
    }
    sheet.y = below;
}

fn draw_totals(sheet: &mut Sheet<'_>) {
    let (totals, wording) = (&sheet.document.totals, &sheet.wording);
    let (net, vat, gross) = (wording.total_net, wording.total_vat, wording.total_gross);
    draw_total(sheet, (BODY, BODY), ROW, (net, totals.net));
    draw_total(sheet, (BODY, BODY), ROW, (vat, totals.vat));
    sheet.y += 2_000;
    sheet.fill(TINT, (RIGHT - TOTALS, sheet.y), (TOTALS, BOX));
    sheet.fill(ACCENT, (RIGHT - TOTALS, sheet.y), (2_000, BOX));
    draw_total(
        sheet,
        (Font::bold(9_500), GRAND),
        BOX,
        (gross, totals.gross),
    );
}

/// A label and its amount, both in the middle of a row of this height.
fn draw_total(
    sheet: &mut Sheet<'_>,
    (small, large): (Font, Font),
    height: i64,
    (label, amount): (&str, Money),
) {
    let ink = if large == GRAND { ACCENT } else { TEXT };
    let (x, width) = (RIGHT - TOTALS + INSET, TOTALS - 2 * INSET);
    let top = sheet.y;
    sheet.y = top + (height - small.leading()) / 2;
    let label = sheet.printable(label);
    sheet.line(small, ink, (x, 76_000), Align::Left, &label);
    sheet.y = top + (height - large.leading()) / 2;
    let amount = amount.format(sheet.document.language);
    sheet.figure(large, ink, (x + 76_000, width - 76_000), &amount);
    sheet.y = top + height;
}
