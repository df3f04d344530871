//! `POST /api/orders/quote`: what an order would come to.

use axum::extract::State;
use commerce::totals::Reduction;
use commerce::{AddressInput, BoundedText, Money, Totals};
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::{Client, Context, Invalid, Json, JsonBody, Problem};
use utoipa::ToSchema;

use super::company::CompanyInput;
use super::place::{OrderedItem, OrderedItems, parse_code, parse_source};
use super::refusals::CHECKOUT;
use crate::desk::Desk;
use crate::destination::Destination;
use crate::discount::Code;
use crate::order::{self, Line};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteOrder {
    /// What would be ordered; or else `from_cart`.
    #[schema(value_type = Option<Vec<OrderedItem>>, min_items = 1, max_items = 500)]
    items: Option<OrderedItems>,
    /// What is in the client's cart.
    #[serde(default)]
    from_cart: bool,
    #[schema(value_type = Option<Code>)]
    discount_code: Option<BoundedText<30>>,
    /// Where it would go: what is not delivered there is refused, as the order would be.
    shipping_address: Option<AddressInput>,
    /// If a company would buy.
    company: Option<CompanyInput>,
}

/// What an order would come to now.
#[derive(Serialize, ToSchema)]
pub struct Quote {
    lines: Vec<Line>,
    /// What the code takes off, VAT included.
    discount: Option<Reduction>,
    /// What shipping costs, VAT included.
    shipping: Money,
    /// Of everything: its `gross` is what the order would ask for.
    totals: Totals,
}

/// What an order would come to, with its discount and shipping. Nothing is reserved.
#[utoipa::path(post, path = "/api/orders/quote", tag = "orders", request_body = QuoteOrder,
    security(("bearer" = [])), responses((status = 200, body = Quote),
        (status = 409, description = CHECKOUT),
        Refusals))]
pub async fn quote(
    context: Context,
    Client(caller): Client,
    State(desk): State<Desk>,
    body: JsonBody<QuoteOrder>,
) -> Result<Json<Quote>, Problem> {
    let body = body.value;
    let mut invalid = Invalid::new();
    let source = parse_source(body.items, body.from_cart, &mut invalid);
    let code = parse_code(body.discount_code, &mut invalid);
    let company = body.company.and_then(|company| company.parse(&mut invalid));
    let address = body
        .shipping_address
        .and_then(|address| invalid.check_all("/shipping_address", address.parse()));
    let destination = address.and_then(|address| {
        Destination::parse(
            "/shipping_address",
            &address,
            company.as_ref(),
            &mut invalid,
        )
    });
    invalid.finish()?;
    let source = source.ok_or_else(Problem::unprocessable)?;
    let checkout = desk
        .quote(&context, caller.user, source, code, destination)
        .await?;
    Ok(Json(Quote {
        discount: order::discount(&checkout.sales),
        shipping: order::shipping(&checkout.sales, &checkout.totals),
        lines: checkout.lines,
        totals: checkout.totals,
    }))
}
