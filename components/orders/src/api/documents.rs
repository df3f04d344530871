//! The papers of an order: its invoice, or a pro forma before there is one.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{Language, OrderId, Text};
use db::Db;
use http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG};
use invoice::{Logo, Number};
use service::openapi::Refusals;
use service::{Asked, Caller, Context, Path, Problem, clock, conditional};
use sha2::{Digest, Sha256};

use super::refusals::INVOICES;
use crate::changing;
use crate::checkout::sales_of;
use crate::domain::order_view::Sight;
use crate::files::{self, Format};
use crate::issued::{Entry, Paper};
use crate::life::Stage;
use crate::merchant;
use crate::order::Order;
use crate::paper::Share;
use crate::series::SeriesKind;
use crate::store::{invoices, merchants, orders};

/// The invoice of an order as PDF/A-3B with its XML inside (Factur-X, EN 16931); before it is paid a pro
/// forma, which says so and has no number. An order of several merchants has several invoices: 409 names
/// them.
#[utoipa::path(get, path = "/api/orders/{id}/invoice.pdf", tag = "invoices",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>),
        (status = 409, description = INVOICES),
        Refusals))]
pub async fn invoice_pdf(
    context: Context,
    caller: Caller,
    asked: Asked,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Response, Problem> {
    let (order, sight) = find_order(&db, id, caller).await?;
    match find_invoice(&db, &order, sight).await? {
        Some(number) => answer(&context, &db, &asked, &number, Format::Pdf).await,
        None => pro_forma(&db, &asked, &order, sight).await,
    }
}

/// The invoice of an order as XML (CII, EN 16931).
#[utoipa::path(get, path = "/api/orders/{id}/invoice.xml", tag = "invoices",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, content_type = "application/xml", body = String),
        (status = 409, description = INVOICES),
        Refusals))]
pub async fn invoice_xml(
    context: Context,
    caller: Caller,
    asked: Asked,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Response, Problem> {
    let (order, sight) = find_order(&db, id, caller).await?;
    let number = find_invoice(&db, &order, sight).await?;
    let number = number.ok_or_else(not_invoiced)?;
    answer(&context, &db, &asked, &number, Format::Xml).await
}

/// The whole order and how much of it the caller sees, if anything.
async fn find_order(db: &Db, id: OrderId, caller: Caller) -> Result<(Order, Sight), Problem> {
    let order = orders::find(db, id).await?.ok_or_else(Problem::not_found)?;
    let sight = order.sight(caller.into()).ok_or_else(Problem::not_found)?;
    Ok((order, sight))
}

/// The number of the one invoice of the order that the caller may see, if it is invoiced.
async fn find_invoice(db: &Db, order: &Order, sight: Sight) -> Result<Option<Number>, Problem> {
    let papers = invoices::list_of_order(db, order.id).await?;
    let is_invoice = |paper: &Entry| paper.kind == SeriesKind::Invoice;
    let (shown, hidden): (Vec<Entry>, Vec<Entry>) = papers
        .into_iter()
        .filter(is_invoice)
        .partition(|paper| order.shows_papers_of(paper.merchant, sight));
    let mut numbers: Vec<Number> = shown.into_iter().map(|paper| paper.number).collect();
    match numbers.len() {
        0 if !hidden.is_empty() => Err(of_others_too()),
        0 | 1 => Ok(numbers.pop()),
        _ => Err(several(&numbers)),
    }
}

/// Whoever sells in the name of the shop, where others do too, has no paper of their own.
fn of_others_too() -> Problem {
    Problem::forbidden().detail(
        "Ce document porte aussi les articles d’autres vendeurs",
        "This document is of other sellers’ items too",
    )
}

fn several(numbers: &[Number]) -> Problem {
    let numbers: Vec<&str> = numbers.iter().map(Number::as_str).collect();
    Problem::conflict(
        "several-invoices",
        Text::new(
            "La commande a plusieurs factures : demandez-les par numéro",
            "The order has several invoices: ask for them by number",
        ),
    )
    .with("invoices", numbers)
}

fn not_invoiced() -> Problem {
    Problem::conflict(
        "order-not-invoiced",
        Text::new(
            "La commande n’est pas encore facturée",
            "The order is not invoiced yet",
        ),
    )
}

/// What the invoice will say once the order is paid.
async fn pro_forma(
    db: &Db,
    asked: &Asked,
    order: &Order,
    sight: Sight,
) -> Result<Response, Problem> {
    let life = order.life_at(clock::now());
    if life.paid {
        // It was paid before the shop could invoice.
        return Err(Problem::not_found());
    }
    if matches!(life.stage, Stage::Cancelled | Stage::Expired) {
        return Err(changing::illegal(&life));
    }
    let sellers = order.lines.iter().map(|line| line.seller_id);
    let merchants = merchants::list(db, &merchant::candidates(sellers)).await?;
    let mut sales = sales_of(order, &merchants)?.into_owned();
    sales.retain(|sale| order.shows_papers_of(sale.merchant, sight));
    let Some(first) = sales.first() else {
        return Err(of_others_too());
    };
    let merchant = merchants.named(first.merchant)?;
    let share = Share {
        order,
        merchant,
        sales: &sales,
    };
    // Of several who sell, the one who waits the shortest.
    let days = sales.iter().map(|sale| merchants.named(sale.merchant));
    let days = days.map(|found| found.map(|merchant| merchant.identity.payment_days));
    let days = days.collect::<Result<Vec<_>, _>>()?.into_iter().min();
    let days = days.unwrap_or(merchant.identity.payment_days);
    let paper = share.pro_forma(days).map_err(Problem::internal)?;
    let name = format!("proforma_{}", order.order_number);
    // Of what is printed, and not of the page: it is known before the page is.
    let printed = serde_json::to_vec(&(&paper, merchant.logo)).map_err(Problem::internal)?;
    let tag = conditional::entity_tag(None, &printed);
    if asked.is_without_body(&tag) {
        let body = conditional::without_body();
        return Ok(file(&name, Format::Pdf, order.language, tag, body));
    }
    let image = find_logo(db, merchant.logo).await?;
    let logo = image.as_deref().map(Logo::new).transpose();
    let logo = logo.map_err(Problem::internal)?;
    let pdf = invoice::pdf(&paper, logo.as_ref()).map_err(Problem::internal)?;
    Ok(file(&name, Format::Pdf, order.language, tag, pdf.into()))
}

async fn find_logo(db: &Db, digest: Option<[u8; 32]>) -> Result<Option<Vec<u8>>, Problem> {
    match digest {
        Some(digest) => Ok(merchants::find_logo(db, digest).await?),
        None => Ok(None),
    }
}

/// A file of the paper with this number.
async fn answer(
    context: &Context,
    db: &Db,
    asked: &Asked,
    number: &Number,
    format: Format,
) -> Result<Response, Problem> {
    let paper = invoices::find(db, number).await?;
    let paper = paper.ok_or_else(Problem::not_found)?;
    answer_with(context, db, asked, &paper, format).await
}

/// A file of a paper, made again from what was kept of it, unless the client has the one of its day.
pub async fn answer_with(
    context: &Context,
    db: &Db,
    asked: &Asked,
    paper: &Paper,
    format: Format,
) -> Result<Response, Problem> {
    let name = paper.snapshot.number().map_or("", Number::as_str);
    let language = paper.snapshot.language;
    let issued = tag_of(&paper.digest(format));
    if asked.is_without_body(&issued) {
        let body = conditional::without_body();
        return Ok(file(name, format, language, issued, body));
    }
    let image = match format {
        Format::Pdf => find_logo(db, paper.logo).await?,
        Format::Xml => None,
    };
    let bytes = files::print(&paper.snapshot, image.as_deref(), format);
    let bytes = bytes.map_err(Problem::internal)?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    if digest != paper.digest(format) {
        service::warn(
            context,
            "a paper is printed otherwise than on its day",
            &files::Differs,
        );
    }
    Ok(file(name, format, language, tag_of(&digest), bytes.into()))
}

fn tag_of(digest: &[u8; 32]) -> String {
    format!("\"{}\"", files::hex(digest))
}

fn file(name: &str, format: Format, language: Language, tag: String, body: Body) -> Response {
    let extension = format.extension();
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_LANGUAGE, language.tag().to_owned()),
        (ETAG, tag),
    ];
    (headers, body).into_response()
}
