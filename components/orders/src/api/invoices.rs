//! Papers that were issued: a client sees their own, a seller those in their own name, an admin all.

use axum::extract::State;
use axum::response::Response;
use commerce::{BoundedText, Money, OrderId, Text, Timestamp};
use db::Db;
use invoice::{Day, Number};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Asked, Caller, Context, Invalid, List, Page, Path, Problem, Query, Role};
use utoipa::ToSchema;

use super::documents;
use crate::files::{Format, hex};
use crate::issued::{Entry, Paper};
use crate::merchant::MerchantId;
use crate::series::SeriesKind;
use crate::store::invoices::{self, Key, Span, Whose};

/// A paper that was issued.
#[derive(Serialize, ToSchema)]
pub struct Invoice {
    #[schema(
        min_length = 1,
        max_length = 35,
        pattern = "^[A-Za-z0-9+_/-]+$",
        example = "F-2026-000042"
    )]
    number: String,
    kind: SeriesKind,
    merchant: MerchantId,
    order_id: OrderId,
    /// The invoice that a credit note corrects.
    #[schema(
        min_length = 1,
        max_length = 35,
        pattern = "^[A-Za-z0-9+_/-]+$",
        example = "F-2026-000017"
    )]
    original: Option<String>,
    issued_at: Timestamp,
    /// Without VAT. The amounts of credit notes are positive: it is their kind that gives back.
    net: Money,
    vat: Money,
    /// What was paid, or is to be paid.
    gross: Money,
    files: Links,
}

/// The files of a paper, and the SHA-256 of each as it was issued.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceFiles)]
pub struct Links {
    #[schema(example = "/api/invoices/F-2026-000042.pdf")]
    pdf: String,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pdf_sha256: String,
    #[schema(example = "/api/invoices/F-2026-000042.xml")]
    xml: String,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    xml_sha256: String,
}

impl From<Entry> for Invoice {
    fn from(entry: Entry) -> Self {
        let link = |format: Format| {
            let extension = format.extension();
            format!("/api/invoices/{}.{extension}", entry.number)
        };
        let files = Links {
            pdf: link(Format::Pdf),
            pdf_sha256: hex(&entry.pdf_sha256),
            xml: link(Format::Xml),
            xml_sha256: hex(&entry.xml_sha256),
        };
        Self {
            number: entry.number.into(),
            kind: entry.kind,
            merchant: entry.merchant,
            order_id: entry.order,
            original: entry.original.map(String::from),
            issued_at: entry.issued_at,
            net: entry.net,
            vat: entry.vat,
            gross: entry.gross,
            files,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The first day, in Paris: `2026-11-01`.
    #[param(value_type = Option<String>, min_length = 10, max_length = 10, example = "2026-11-01", format = Date)]
    from: Option<BoundedText<64>>,
    /// The last day.
    #[param(value_type = Option<String>, min_length = 10, max_length = 10, example = "2026-11-30", format = Date)]
    to: Option<BoundedText<64>>,
    /// Only those of this order.
    order_id: Option<OrderId>,
}

/// Papers from the newest.
#[utoipa::path(get, path = "/api/invoices", tag = "invoices", security(("bearer" = [])),
    params(PageQuery, Wanted), responses((status = 200, body = ListBody<Invoice>), Refusals))]
pub async fn list(
    caller: Caller,
    page: Page<Key>,
    Query(wanted): Query<Wanted>,
    State(db): State<Db>,
) -> Result<List<Invoice>, Problem> {
    let span = parse_span(&wanted)?;
    let whose = match caller.role {
        Role::Client => Whose::Client(caller.user),
        Role::Seller => Whose::Merchant(MerchantId::Seller(caller.user)),
        Role::Admin => Whose::Everybody,
        Role::Supplier => return Err(Problem::forbidden()),
    };
    let (after, rows) = (page.after, page.rows());
    let found = match wanted.order_id {
        Some(order) => invoices::list_in_order(&db, order, whose, span, after, rows).await?,
        None => invoices::list(&db, whose, span, after, rows).await?,
    };
    let list = page.list(found, |entry| (entry.issued_at.unix_ms(), entry.id));
    Ok(list.map(Invoice::from))
}

fn parse_span(wanted: &Wanted) -> Result<Span, Problem> {
    let mut invalid = Invalid::new();
    let mut day = |name: &str, text: &Option<BoundedText<64>>| {
        let text = text.as_deref()?;
        invalid.check_parameter(name, text.parse::<Day>().map_err(|_| no_day()))
    };
    let from = day("from", &wanted.from);
    let to = day("to", &wanted.to);
    invalid.finish()?;
    Ok(Span {
        from: from.map_or(Timestamp::from_unix_ms(0), Day::begins_at),
        to: to.map_or(Timestamp::from_unix_ms(i64::MAX), |last| {
            last.plus_days(1).begins_at()
        }),
    })
}

pub fn no_day() -> Text {
    Text::new("Un jour, comme 2026-11-22", "A day, such as 2026-11-22")
}

/// A file of a paper: `F-2026-000042.pdf` or `F-2026-000042.xml`.
#[utoipa::path(get, path = "/api/invoices/{file}", tag = "invoices", security(("bearer" = [])),
    params(("file" = String, Path, min_length = 5, max_length = 39, pattern = r"^[A-Za-z0-9+_/-]{1,35}\.(pdf|xml)$",
        example = "F-2026-000042.pdf")),
    responses((status = 200, content((Vec<u8> = "application/pdf"), (String = "application/xml"))),
        Refusals))]
pub async fn file(
    context: Context,
    caller: Caller,
    asked: Asked,
    Path(file): Path<String>,
    State(db): State<Db>,
) -> Result<Response, Problem> {
    let (number, format) = parse_file(&file).ok_or_else(Problem::not_found)?;
    let found = invoices::find(&db, &number).await?;
    let paper = found.filter(|paper| may_read(paper, caller));
    let paper = paper.ok_or_else(Problem::not_found)?;
    documents::answer_with(&context, &db, &asked, &paper, format).await
}

fn parse_file(file: &str) -> Option<(Number, Format)> {
    let (number, extension) = file.rsplit_once('.')?;
    let mut formats = Format::BOTH.into_iter();
    let format = formats.find(|format| format.extension() == extension)?;
    Some((Number::new(number).ok()?, format))
}

fn may_read(paper: &Paper, caller: Caller) -> bool {
    match caller.role {
        Role::Admin => true,
        Role::Client => paper.client == caller.user,
        Role::Seller => paper.merchant == MerchantId::Seller(caller.user),
        Role::Supplier => false,
    }
}
