//! The papers of an order: its invoice, or a pro forma before there is one.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{Language, OrderId, Text};
use db::Db;
use http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG};
use invoice::{Logo, Number};
use service::openapi::Refusals;
use service::{Caller, Context, Path, Problem, Role, clock, conditional};

use crate::changing;
use crate::checkout::sales_of;
use crate::files::{Files, Format};
use crate::issued::{Entry, Paper};
use crate::life::Stage;
use crate::merchant::{self, MerchantId};
use crate::order::Order;
use crate::paper::Share;
use crate::series::SeriesKind;
use crate::store::{invoices, merchants, orders};

/// The invoice of an order as PDF/A-3B with its XML inside (Factur-X, EN 16931); before it is paid a pro
/// forma, which says so and has no number. An order of several merchants has several invoices: 409 names
/// them.
#[utoipa::path(get, path = "/api/orders/{id}/invoice.pdf", tag = "invoices",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), Refusals))]
pub async fn invoice_pdf(
    context: Context,
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Response, Problem> {
    let order = find_order(&db, id, caller).await?;
    match find_invoice(&db, &order, caller).await? {
        Some(number) => answer(&context, &db, &number, Format::Pdf).await,
        None => pro_forma(&db, &order).await,
    }
}

/// The invoice of an order as XML (CII, EN 16931).
#[utoipa::path(get, path = "/api/orders/{id}/invoice.xml", tag = "invoices",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, content_type = "application/xml", body = String), Refusals))]
pub async fn invoice_xml(
    context: Context,
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Response, Problem> {
    let order = find_order(&db, id, caller).await?;
    let number = find_invoice(&db, &order, caller).await?;
    let number = number.ok_or_else(not_invoiced)?;
    answer(&context, &db, &number, Format::Xml).await
}

/// The whole order, if the caller may see any of it.
async fn find_order(db: &Db, id: OrderId, caller: Caller) -> Result<Order, Problem> {
    let order = orders::find(db, id).await?.ok_or_else(Problem::not_found)?;
    super::orders::as_seen(order.clone(), caller)?.ok_or_else(Problem::not_found)?;
    Ok(order)
}

/// The number of the one invoice of the order that the caller may see, if it is invoiced.
async fn find_invoice(db: &Db, order: &Order, caller: Caller) -> Result<Option<Number>, Problem> {
    let papers = invoices::list_of_order(db, order.id).await?;
    let is_invoice = |paper: &Entry| paper.kind == SeriesKind::Invoice;
    let mut numbers: Vec<Number> = Vec::new();
    let mut hidden = false;
    for paper in papers.into_iter().filter(is_invoice) {
        match caller.role {
            Role::Seller if !sold_by(caller, paper.merchant, order) => hidden = true,
            _ => numbers.push(paper.number),
        }
    }
    match numbers.len() {
        0 if hidden => Err(Problem::forbidden()),
        0 | 1 => Ok(numbers.pop()),
        _ => Err(several(&numbers)),
    }
}

/// Whether a merchant's paper of this order is about nobody's goods but the seller's.
fn sold_by(caller: Caller, merchant: MerchantId, order: &Order) -> bool {
    merchant == MerchantId::Seller(caller.user) || order.is_all_from(caller.user)
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
async fn pro_forma(db: &Db, order: &Order) -> Result<Response, Problem> {
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
    let sales = sales_of(order, &merchants)?;
    let Some(first) = sales.first() else {
        return Err(Problem::not_found());
    };
    let merchant = merchants.named(first.merchant)?;
    let share = Share {
        order,
        merchant,
        sales: &sales,
    };
    let paper = share.pro_forma().map_err(Problem::internal)?;
    let image = find_logo(db, merchant.logo).await?;
    let logo = image.as_deref().map(Logo::new).transpose();
    let logo = logo.map_err(Problem::internal)?;
    let pdf = invoice::pdf(&paper, logo.as_ref()).map_err(Problem::internal)?;
    let tag = conditional::entity_tag(None, &pdf);
    let name = format!("proforma_{}", order.order_number);
    Ok(file(&name, Format::Pdf, order.language, tag, pdf))
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
    number: &Number,
    format: Format,
) -> Result<Response, Problem> {
    let paper = invoices::find(db, number).await?;
    let paper = paper.ok_or_else(Problem::not_found)?;
    answer_with(context, db, &paper, format).await
}

/// A file of a paper, made again from what was kept of it.
pub async fn answer_with(
    context: &Context,
    db: &Db,
    paper: &Paper,
    format: Format,
) -> Result<Response, Problem> {
    let image = find_logo(db, paper.logo).await?;
    let files = Files::of(&paper.snapshot, image.as_deref()).map_err(Problem::internal)?;
    if let Err(error) = files.check(paper) {
        service::warn(
            context,
            "a paper is printed otherwise than on its day",
            &error,
        );
    }
    let tag = format!("\"{}\"", files.sha256(format));
    let name = paper.snapshot.number().map_or("", Number::as_str);
    let language = paper.snapshot.language;
    Ok(file(name, format, language, tag, files.into_bytes(format)))
}

fn file(name: &str, format: Format, language: Language, tag: String, bytes: Vec<u8>) -> Response {
    let extension = format.extension();
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_LANGUAGE, language.tag().to_owned()),
        (ETAG, tag),
    ];
    (headers, bytes).into_response()
}
