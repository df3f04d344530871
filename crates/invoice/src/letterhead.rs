//! The top of the first page: who sells, what this is, who buys, and where it goes.

use commerce::{Address, Country};

use crate::canvas::Ink;
use crate::civil;
use crate::sheet::{ACCENT, Align, COLUMN, LEFT, MUTED, RIGHT, Sheet, TEXT};
use crate::typeface::Font;

/// The widths of what stands left and right at the very top.
const SHOP: i64 = 280_000;
const TITLE: i64 = COLUMN - SHOP - 16_000;

/// The three columns below, and the space between them.
const GUTTER: i64 = 20_000;
const THIRD: i64 = (COLUMN - 2 * GUTTER) / 3;

/// No field of an address takes more lines than these, whatever was typed into it: the head of a
/// document leaves room for its lines.
const MOST_LINES: usize = 4;
/// A shop has so many lines of address at most.
const SHOP_LINES: usize = 8;

const LABEL: Font = Font::bold(7_000);
const BODY: Font = Font::regular(9_000);
const STRONG: Font = Font::bold(9_000);

/// Draws the head and leaves the pen below it.
pub fn draw(sheet: &mut Sheet<'_>) {
    let top = sheet.y;
    title(sheet);
    let below_title = sheet.y;
    sheet.y = top;
    shop(sheet);
    sheet.y = sheet.y.max(below_title) + 26_000;

    let top = sheet.y;
    let document = sheet.document;
    facts(sheet);
    let mut bottom = sheet.y;
    let columns = [
        (
            LEFT + THIRD + GUTTER,
            sheet.wording.shipping,
            &document.shipping,
        ),
        (
            LEFT + 2 * (THIRD + GUTTER),
            sheet.wording.billing,
            &document.billing,
        ),
    ];
    for (x, label, address) in columns {
        sheet.y = top;
        write_address(sheet, x, label, address);
        bottom = bottom.max(sheet.y);
    }
    sheet.y = bottom + 24_000;
}

fn shop(sheet: &mut Sheet<'_>) {
    let shop = &sheet.document.shop;
    text(
        sheet,
        Font::bold(15_000),
        ACCENT,
        (LEFT, SHOP),
        (&shop.name, 3),
    );
    sheet.y += 3_000;
    for line in shop.address.iter().take(SHOP_LINES) {
        text(sheet, Font::regular(8_500), MUTED, (LEFT, SHOP), (line, 2));
    }
}

fn title(sheet: &mut Sheet<'_>) {
    let column = (RIGHT - TITLE, TITLE);
    let number = format!("{}\u{a0}{}", sheet.wording.number, sheet.document.number);
    let title = sheet.wording.title;
    sheet.y -= 5_000;
    sheet.paragraph(Font::bold(23_000), TEXT, column, Align::Right, (title, 1));
    sheet.paragraph(
        Font::regular(11_000),
        TEXT,
        column,
        Align::Right,
        (&number, 2),
    );
}

/// Date, buyer, payment: a label above each.
fn facts(sheet: &mut Sheet<'_>) {
    let document = sheet.document;
    let date = civil::day_in_paris(document.placed_at.unix_ms(), document.language);
    let wording = &sheet.wording;
    let facts = [
        (wording.date, date.as_str()),
        (wording.buyer, document.buyer.as_str()),
        (wording.payment, document.payment.as_str()),
    ];
    for (label, fact) in facts {
        write_label(sheet, LEFT, label);
        text(sheet, BODY, TEXT, (LEFT, THIRD), (fact, MOST_LINES));
        sheet.y += 7_000;
    }
}

fn write_address(sheet: &mut Sheet<'_>, x: i64, label: &str, address: &Address) {
    let column = (x, THIRD);
    write_label(sheet, x, label);
    text(sheet, STRONG, TEXT, column, (&address.name, MOST_LINES));
    for line in [Some(&address.line1), address.line2.as_ref()]
        .into_iter()
        .flatten()
    {
        text(sheet, BODY, TEXT, column, (line, MOST_LINES));
    }
    let town = format!("{} {}", address.postal_code, address.city);
    text(sheet, BODY, TEXT, column, (&town, MOST_LINES));
    // A parcel inside the country does not name it.
    if address.country != Country::FRANCE {
        let country = address
            .country
            .name()
            .in_language(sheet.document.language)
            .to_uppercase();
        text(sheet, BODY, TEXT, column, (&country, MOST_LINES));
    }
}

fn write_label(sheet: &mut Sheet<'_>, x: i64, label: &str) {
    text(sheet, LABEL, MUTED, (x, THIRD), (&label.to_uppercase(), 1));
    sheet.y += 2_000;
}

fn text(sheet: &mut Sheet<'_>, font: Font, ink: Ink, column: (i64, i64), text: (&str, usize)) {
    sheet.paragraph(font, ink, column, Align::Left, text);
}
