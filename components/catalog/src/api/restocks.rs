//! Deliveries of suppliers, for the service that they speak to.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{BoundedList, BoundedText, ItemId, Money, Price, PurchaseOrderId, Text, UserId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use service::audit::OnBehalfOf;
use service::{Context, Invalid, Json, JsonBody, Problem, Query, ServiceToken};

use crate::restock::{Delivery, Line, Lot, Product, RestockError};
use crate::sku::Sku;
use crate::stock::Delta;
use crate::warehouse::Warehouse;

/// As many lines as a delivery may have.
const MAX_LINES: usize = 500;
const MAX_REFERENCE: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restock {
    supplier_id: UserId,
    reference: BoundedText<MAX_REFERENCE>,
    purchase_order_id: Option<PurchaseOrderId>,
    lines: BoundedList<RestockLine, MAX_LINES>,
}

/// One of `item_id` and `sku`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RestockLine {
    item_id: Option<ItemId>,
    sku: Option<BoundedText<64>>,
    quantity: i64,
    unit_cost: Option<Money>,
    lot: Option<BoundedText<64>>,
}

/// `POST /internal/restocks`: 201, or 200 if the same supplier has told the same under this reference before.
pub async fn take(
    _: ServiceToken,
    context: Context,
    Query(told_by): Query<OnBehalfOf>,
    State(warehouse): State<Warehouse>,
    body: JsonBody<Restock>,
) -> Result<Response, Problem> {
    let author = told_by.author(&context);
    let delivery = parse(body.value, body.digest)?;
    let (restock, is_first) = warehouse.restock(&context, &author, &delivery).await?;
    let status = if is_first {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(restock)).into_response())
}

fn parse(body: Restock, digest: [u8; 32]) -> Result<Delivery, Problem> {
    let mut invalid = Invalid::new();
    let reference = body.reference;
    let plain = reference.bytes().all(|byte| byte.is_ascii_graphic());
    if reference.is_empty() || !plain {
        let text = Text::new(
            "De 1 à 64 caractères ASCII, sans espace",
            "1 to 64 ASCII characters, without spaces",
        );
        invalid.refuse("/reference", text);
    }
    if body.lines.is_empty() {
        let text = Text::new("Au moins une ligne", "At least one line");
        invalid.refuse("/lines", text);
    }
    let lines: Vec<Line> = body
        .lines
        .into_iter()
        .enumerate()
        .filter_map(|(index, line)| parse_line(&mut invalid, index, line))
        .collect();
    invalid.finish()?;
    Ok(Delivery {
        supplier_id: body.supplier_id,
        reference: reference.into_string(),
        digest,
        purchase_order_id: body.purchase_order_id,
        lines,
    })
}

fn parse_line(invalid: &mut Invalid, index: usize, line: RestockLine) -> Option<Line> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let product = match (line.item_id, line.sku) {
        (Some(id), None) => Some(Product::Id(id)),
        (None, Some(sku)) => {
            let sku = invalid.check(&at("sku"), Sku::parse(&sku));
            sku.map(|sku| Product::Sku(sku.into_text()))
        }
        _ => {
            let text = Text::new("Un identifiant ou une référence", "An id or a SKU");
            invalid.refuse(at("item_id"), text);
            None
        }
    };
    let quantity = Delta::new(line.quantity.max(0));
    let quantity = invalid.check(&at("quantity"), quantity);
    let lot = line.lot.as_deref().map(Lot::parse);
    let lot = lot.map(|lot| invalid.check(&at("lot"), lot));
    if let Some(Err(error)) = line.unit_cost.map(Price::new) {
        invalid.refuse(at("unit_cost"), error.text());
    }
    Some(Line {
        product: product?,
        quantity: quantity?.get(),
        unit_cost: line.unit_cost,
        lot: lot.flatten(),
    })
}

impl From<RestockError> for Problem {
    fn from(error: RestockError) -> Self {
        match error {
            RestockError::Unknown(lines) => Problem::conflict(
                "unknown-products",
                Text::new(
                    "Le fournisseur ne livre pas ces articles",
                    "The supplier does not deliver these items",
                ),
            )
            .with("lines", lines),
            RestockError::AboveMaximum(items) => Problem::conflict(
                "stock-above-maximum",
                Text::new(
                    "Il y aurait plus que le maximum",
                    "There would be more than the maximum",
                ),
            )
            .with("items", json!(items)),
            RestockError::ReferenceReused => Problem::conflict(
                "reference-reused",
                Text::new(
                    "Cette référence est celle d’une autre livraison",
                    "This reference is that of another delivery",
                ),
            ),
            RestockError::Database(error) => error.into(),
        }
    }
}
