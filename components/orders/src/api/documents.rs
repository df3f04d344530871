//! The papers of an order.

use axum::extract::State;
use axum::response::IntoResponse;
use commerce::OrderId;
use db::Db;
use http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG};
use service::openapi::Refusals;
use service::{Caller, Context, Path, Problem, clock, conditional};

use crate::paper::{self, Letterhead};

/// The order as an A4 page, in the language of `Accept-Language`.
#[utoipa::path(get, path = "/api/orders/{id}/invoice.pdf", tag = "orders",
    security(("bearer" = [])), params(("id" = OrderId, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), Refusals))]
pub async fn invoice_pdf(
    context: Context,
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
    State(letterhead): State<Letterhead>,
) -> Result<impl IntoResponse, Problem> {
    let order = super::orders::find(&db, id, caller).await?;
    let document = paper::confirmation(&letterhead, &order, context.language, clock::now());
    let pdf = invoice::document::render(&document).map_err(Problem::internal)?;
    let file = format!(
        "attachment; filename=\"commande_{}.pdf\"",
        order.order_number
    );
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, file),
        (CONTENT_LANGUAGE, context.language.tag().to_owned()),
        (ETAG, conditional::entity_tag(Some(order.version), &pdf)),
    ];
    Ok((headers, pdf))
}
