//! What the pages say, word for word: texts and amounts ready to be set, and nothing to decide.
//! One model for every paper, so that all of them look alike and are laid out once.

mod legal;
mod of_invoice;

use commerce::{Language, Money, Timestamp};

pub use of_invoice::reason;

/// A paper.
pub struct Paper {
    pub language: Language,
    /// When it was issued.
    pub at: Timestamp,
    /// What a reader calls the file.
    pub file_title: String,
    pub title: String,
    /// Below the title.
    pub subtitle: String,
    /// At the top of the pages after the first.
    pub running: String,
    /// What must not be overlooked: that this is no invoice, or which one it corrects.
    pub notice: Option<String>,
    /// Why, below it.
    pub reason: Option<String>,
    pub brand: Brand,
    pub facts: Vec<Fact>,
    pub parties: Vec<Party>,
    pub table: Table,
    pub rates: Rates,
    pub sums: Vec<Sum>,
    pub payment: Payment,
    /// What the law wants said, one sentence a line.
    pub mentions: Vec<String>,
    /// At the foot of every page: who sells, as registers know them.
    pub foot: Vec<String>,
}

/// Who sells, at the top.
pub struct Brand {
    pub name: String,
    pub lines: Vec<String>,
}

/// A label and what it says.
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    /// Below it, in small.
    pub detail: Option<String>,
}

/// Somebody's name and address.
pub struct Party {
    pub label: &'static str,
    pub name: String,
    pub lines: Vec<String>,
}

/// What was bought.
pub struct Table {
    /// Above the names.
    pub label: &'static str,
    /// Above the figures, from left to right, and their widths in thousandths of a point.
    pub columns: Vec<(&'static str, i64)>,
    pub rows: Vec<Row>,
    /// What is said beside the totals that end a page and begin the next.
    pub carried: [&'static str; 2],
}

/// A row of the table.
pub struct Row {
    pub name: String,
    pub detail: Option<String>,
    /// One for each column.
    pub figures: Vec<String>,
    /// What the last columns add up, for the totals that are carried over.
    pub amounts: Vec<Money>,
}

/// VAT by rate: a head and rows of rate, net, VAT and gross.
pub struct Rates {
    pub head: [&'static str; 4],
    pub rows: Vec<[String; 4]>,
    /// Why there is no VAT, where there is none.
    pub note: Option<String>,
}

/// A line of the totals.
pub struct Sum {
    pub label: String,
    pub amount: String,
    pub weight: Weight,
}

/// How much a total matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// One of many.
    Light,
    /// A sum of sums.
    Strong,
    /// What it is all about.
    Grand,
}

/// The state of the payment.
pub struct Payment {
    pub state: String,
    /// The account to pay to, for instance.
    pub detail: Option<String>,
    pub is_settled: bool,
}
