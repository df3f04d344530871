//! What was bought as a table, over as many pages as it needs. The head is repeated, and each page
//! but the last ends in totals that the next begins with; a row stays in one piece unless it is
//! longer than a page.

use commerce::Money;

use crate::paper::Row;
use crate::sheet::{ACCENT, Align, COLUMN, HAIRLINE, LEFT, MUTED, RIGHT, Sheet, TEXT, TINT};
use crate::summary;
use crate::typeface::Font;

const BODY: Font = Font::regular(8_800);
const DETAIL: Font = Font::regular(7_500);
const HEAD: Font = Font::bold(7_500);
const CARRIED: Font = Font::bold(8_500);

/// Above and below the text of a row.
const PADDING: i64 = 4_500;
/// Between the edge of the table and its text, and at least between two columns.
const INSET: i64 = 8_000;
const HEAD_HEIGHT: i64 = 21_000;
/// A line of totals that are carried over.
const CARRIED_HEIGHT: i64 = 20_000;

/// A column: where it begins, and its width.
type Place = (i64, i64);

/// The table while it is drawn.
struct Setting {
    /// For the names, what figures leave.
    name: Place,
    figures: Vec<Place>,
    /// What was added up so far, for the last columns.
    sums: Vec<Money>,
}

/// Draws the table and leaves the pen below it.
pub fn draw(sheet: &mut Sheet<'_>) {
    let mut setting = Setting::new(&sheet.paper.table.columns);
    if sheet.room() < HEAD_HEIGHT + 2 * PADDING + BODY.leading() + CARRIED_HEIGHT {
        sheet.turn();
    }
    setting.draw_head(sheet);
    let rows = &sheet.paper.table.rows;
    for (position, row) in rows.iter().enumerate() {
        let reserve = match rows.len() - position {
            // The last of several rows goes with what it all comes to.
            1 if position > 0 => summary::height(sheet),
            1 => 0,
            _ => CARRIED_HEIGHT,
        };
        setting.draw_row(sheet, row, reserve);
    }
}

impl Setting {
    fn new(columns: &[(&'static str, i64)]) -> Self {
        let mut figures = Vec::with_capacity(columns.len());
        let mut end = RIGHT;
        for (_, width) in columns.iter().rev() {
            end -= INSET + width;
            figures.push((end, *width));
        }
        figures.reverse();
        Self {
            name: (LEFT + INSET, end - INSET - LEFT - INSET),
            figures,
            sums: Vec::new(),
        }
    }

    fn draw_head(&self, sheet: &mut Sheet<'_>) {
        let table = &sheet.paper.table;
        sheet.fill(TINT, (LEFT, sheet.y), (COLUMN, HEAD_HEIGHT));
        let below = sheet.y + HEAD_HEIGHT;
        sheet.y += (HEAD_HEIGHT - HEAD.leading()) / 2;
        let label = sheet.printable(table.label);
        sheet.line(HEAD, ACCENT, self.name, Align::Left, &label);
        for (place, (label, _)) in self.figures.iter().zip(&table.columns) {
            sheet.figure(HEAD, ACCENT, *place, label);
        }
        sheet.y = below;
    }

    /// Below every row but the last there must be room for what is carried over: `reserve`.
    fn draw_row(&mut self, sheet: &mut Sheet<'_>, row: &Row, reserve: i64) {
        let name = sheet.wrap(BODY, self.name.1, &row.name);
        let lines = name.iter().map(|_| BODY.leading()).sum::<i64>();
        let detail = row.detail.as_ref().map_or(0, |_| DETAIL.leading());
        let height = lines + detail + 2 * PADDING;
        let room = Sheet::room_of_a_page() - HEAD_HEIGHT - CARRIED_HEIGHT;
        let fits_a_page = height + reserve <= room;
        let reserve = if fits_a_page {
            reserve
        } else {
            reserve.min(CARRIED_HEIGHT)
        };
        let needed = if fits_a_page {
            height
        } else {
            BODY.leading() + 2 * PADDING
        };
        if needed + reserve > sheet.room() {
            self.carry_over(sheet);
        }
        sheet.y += PADDING;
        for (place, figure) in self.figures.iter().zip(&row.figures) {
            sheet.figure(BODY, TEXT, *place, figure);
        }
        for part in &name {
            if BODY.leading() + detail + PADDING + reserve > sheet.room() {
                self.carry_over(sheet);
                sheet.y += PADDING;
            }
            sheet.line(BODY, TEXT, self.name, Align::Left, part);
            sheet.y += BODY.leading();
        }
        if let Some(detail) = &row.detail {
            sheet.paragraph(DETAIL, MUTED, self.name, Align::Left, (detail, 1));
        }
        sheet.y += PADDING;
        sheet.fill(HAIRLINE, (LEFT, sheet.y - 500), (COLUMN, 500));
        self.add(&row.amounts);
    }

    /// Adds a row to what is carried over. What would not fit stays as it is: totals that fit are
    /// sums of rows that fit.
    fn add(&mut self, amounts: &[Money]) {
        if self.sums.is_empty() {
            self.sums = amounts.to_vec();
            return;
        }
        for (sum, amount) in self.sums.iter_mut().zip(amounts) {
            *sum = sum.checked_add(*amount).unwrap_or(*sum);
        }
    }

    /// Ends the page with what its rows and those before come to, and begins the next with it.
    fn carry_over(&self, sheet: &mut Sheet<'_>) {
        let [forward, brought] = sheet.paper.table.carried;
        // A page that turns inside its first row has nothing to carry.
        let has_sums = !self.sums.is_empty();
        if has_sums {
            self.draw_sums(sheet, forward);
        }
        sheet.turn();
        self.draw_head(sheet);
        if has_sums {
            self.draw_sums(sheet, brought);
            sheet.fill(HAIRLINE, (LEFT, sheet.y - 500), (COLUMN, 500));
        }
    }

    fn draw_sums(&self, sheet: &mut Sheet<'_>, label: &str) {
        let language = sheet.paper.language;
        let below = sheet.y + CARRIED_HEIGHT;
        sheet.y += (CARRIED_HEIGHT - CARRIED.leading()) / 2;
        let label = sheet.printable(label);
        sheet.line(CARRIED, MUTED, self.name, Align::Left, &label);
        let places = self.figures.iter().rev().zip(self.sums.iter().rev());
        for (place, sum) in places {
            sheet.figure(CARRIED, MUTED, *place, &sum.format(language));
        }
        sheet.y = below;
    }
}
