//! Papers in a ZIP archive that is made while it is sent: at no time is more than a few of them in memory.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use commerce::Money;
use db::Db;
use futures_util::stream::{self, Stream};
use invoice::{Day, Number};
use service::table::{Cell, Style};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::files::{Files, FilesError, Format};
use crate::issued::Paper;
use crate::merchant::MerchantId;
use crate::store::invoices::{self, Key, Span};
use crate::store::merchants;

/// How many papers are read at once.
const BATCH: i64 = 10;
/// The columns of the table.
const COLUMNS: [&str; 10] = [
    "number",
    "kind",
    "issued_on",
    "original",
    "order",
    "merchant",
    "net",
    "vat",
    "gross",
    "currency",
];

/// Why an archive ends early: whoever receives it sees that it does.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the database failed")]
    Database(#[from] db::Error),
    #[error("a paper cannot be printed")]
    Files(#[from] FilesError),
    #[error("the archive cannot be written")]
    Zip(#[from] zip::result::ZipError),
    #[error("the table cannot be written")]
    Table(#[from] csv::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The archive of the papers that a merchant issued in a span, or everybody, from the oldest.
pub fn of_papers(
    db: Db,
    merchant: Option<MerchantId>,
    span: Span,
    style: Style,
) -> impl Stream<Item = Result<Bytes, ArchiveError>> + Send + 'static {
    let sink = Sink::default();
    let archive = Archive {
        db,
        merchant,
        span,
        after: None,
        zip: Some(ZipWriter::new_stream(sink.clone())),
        sink,
        style,
        index: Vec::new(),
    };
    stream::try_unfold(archive, |mut archive| async move {
        let chunk = archive.next().await?;
        Ok(chunk.map(|chunk| (chunk, archive)))
    })
}

struct Archive {
    db: Db,
    merchant: Option<MerchantId>,
    span: Span,
    after: Option<Key>,
    /// Nothing once the archive is complete.
    zip: Option<ZipWriter<StreamWriter<Sink>>>,
    sink: Sink,
    style: Style,
    /// The lines of the table so far.
    index: Vec<u8>,
}

impl Archive {
    /// The next part of the file; nothing after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, ArchiveError> {
        let Some(mut zip) = self.zip.take() else {
            return Ok(None);
        };
        let papers =
            invoices::export(&self.db, self.merchant, self.span, self.after, BATCH).await?;
        let Some((last, _)) = papers.last() else {
            zip.start_file("index.csv", options(None))?;
            zip.write_all(&self.style.head(&COLUMNS)?)?;
            zip.write_all(&self.index)?;
            zip.finish()?;
            return Ok(Some(self.sink.take()));
        };
        self.after = Some(*last);
        for (_, paper) in &papers {
            self.add(&mut zip, paper).await?;
        }
        self.zip = Some(zip);
        Ok(Some(self.sink.take()))
    }

    async fn add(
        &mut self,
        zip: &mut ZipWriter<StreamWriter<Sink>>,
        paper: &Paper,
    ) -> Result<(), ArchiveError> {
        let logo = match paper.logo {
            Some(digest) => merchants::find_logo(&self.db, digest).await?,
            None => None,
        };
        let files = Files::of(&paper.snapshot, logo.as_deref())?;
        let issued_on = paper.snapshot.issued_on();
        let number = paper.snapshot.number().map_or("", Number::as_str);
        for format in Format::BOTH {
            let name = format!("{number}.{}", format.extension());
            zip.start_file(name, options(Some(issued_on)))?;
            zip.write_all(files.bytes(format))?;
        }
        self.index.extend(self.style.lines([row(paper, number)])?);
        Ok(())
    }
}

/// A line of the table. What a credit note gives back is negative, so that a column adds up to what is due.
fn row(paper: &Paper, number: &str) -> Vec<Cell> {
    let snapshot = &paper.snapshot;
    let (kind, original, sign) = match &snapshot.kind {
        invoice::Kind::CreditNote { of, .. } => ("credit_note", of.number.as_str(), -1),
        invoice::Kind::Invoice { .. } | invoice::Kind::ProForma => ("invoice", "", 1),
    };
    let totals = &snapshot.items.totals;
    let currency = totals.gross.currency();
    let signed =
        |amount: Money| Cell::Amount(Money::new(amount.amount().saturating_mul(sign), currency));
    vec![
        // A prefix may begin as a formula does.
        Cell::Words(number.to_owned()),
        Cell::Plain(kind.to_owned()),
        Cell::Plain(snapshot.issued_on().to_string()),
        Cell::Words(original.to_owned()),
        Cell::Plain(snapshot.order.number.clone()),
        Cell::Plain(paper.merchant.to_string()),
        signed(totals.net),
        signed(totals.vat),
        signed(totals.gross),
        Cell::Plain(currency.code().to_owned()),
    ]
}

/// PDF files are compressed already, and XML is short.
fn options(day: Option<Day>) -> SimpleFileOptions {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    match day.and_then(midnight) {
        Some(time) => options.last_modified_time(time),
        None => options.last_modified_time(DateTime::DEFAULT),
    }
}

fn midnight(day: Day) -> Option<DateTime> {
    let text = day.to_string();
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    DateTime::from_date_and_time(year, month, day, 0, 0, 0).ok()
}

/// What was written and not sent yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Bytes {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut *bytes).into()
    }
}

impl Write for Sink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
