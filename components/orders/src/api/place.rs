//! `POST /api/orders`.

use axum::extract::State;
use commerce::{AddressInput, ItemId, Money, Quantity, Text, UserId};
use serde::Deserialize;
use service::idempotency::{Answer, Claim, once_for};
use service::openapi::Refusals;
use service::{Client, Context, IdempotencyKey, Invalid, JsonBody, Problem};
use utoipa::ToSchema;

use crate::catalog::Wanted;
use crate::order::{self, OrderBody};
use crate::placing::{Desk, Draft, Source};

/// The most lines of one order.
const MAX_LINES: usize = 200;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// What is ordered; or else `from_cart`.
    #[schema(max_items = 200)]
    items: Option<Vec<OrderedItem>>,
    /// Order what is in the client's cart, and empty it.
    #[serde(default)]
    from_cart: bool,
    shipping_address: AddressInput,
    /// The shipping address if absent.
    billing_address: Option<AddressInput>,
    /// What the client was shown, VAT included: another total is refused (409).
    expected_total: Option<Money>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderedItem {
    item_id: ItemId,
    #[schema(minimum = 1, maximum = 9999)]
    quantity: i64,
}

/// Places an order: its stock is reserved, and it awaits payment.
#[utoipa::path(post, path = "/api/orders", tag = "orders", request_body = PlaceOrder,
    security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "The same key again gets the first answer")),
    responses((status = 201, body = OrderBody), Refusals))]
pub async fn place(
    context: Context,
    Client(caller): Client,
    key: IdempotencyKey,
    State(desk): State<Desk>,
    body: JsonBody<PlaceOrder>,
) -> Result<Answer, Problem> {
    let claim = Claim::new(caller.user, &key, body.digest);
    let draft = parse(body.value, caller.user, &key)?;
    once_for(&desk.db, &claim, desk.place(&context, &claim, draft)).await
}

fn parse(body: PlaceOrder, client: UserId, key: &IdempotencyKey) -> Result<Draft, Problem> {
    let mut invalid = Invalid::new();
    let source = parse_source(body.items, body.from_cart, &mut invalid);
    let shipping = invalid.check_all("/shipping_address", body.shipping_address.parse());
    let billing = match body.billing_address {
        Some(address) => invalid.check_all("/billing_address", address.parse()),
        None => shipping.clone(),
    };
    let (Some(source), Some(shipping_address), Some(billing_address)) = (source, shipping, billing)
    else {
        return Err(invalid.into());
    };
    invalid.finish()?;
    Ok(Draft {
        id: order::derive_id(client, key.as_str()),
        client,
        source,
        shipping_address,
        billing_address,
        expected_total: body.expected_total,
    })
}

/// Where the lines come from; an item that is named twice is one line.
fn parse_source(
    items: Option<Vec<OrderedItem>>,
    from_cart: bool,
    invalid: &mut Invalid,
) -> Option<Source> {
    let items = match (items, from_cart) {
        (Some(items), false) => items,
        (None, true) => return Some(Source::Cart),
        _ => {
            let text = Text::new(
                "Donnez soit des articles, soit from_cart",
                "Give either items or from_cart",
            );
            invalid.refuse("/items", text);
            return None;
        }
    };
    if !(1..=MAX_LINES).contains(&items.len()) {
        invalid.refuse(
            "/items",
            Text::new("De 1 à 200 lignes", "From 1 to 200 lines"),
        );
    }
    let mut wanted: Vec<Wanted> = Vec::with_capacity(items.len());
    for (position, OrderedItem { item_id, quantity }) in items.into_iter().enumerate() {
        let known = wanted.iter().position(|line| line.item_id == item_id);
        let before = known
            .and_then(|known| wanted.get(known))
            .map_or(0, |line| line.quantity.get());
        let pointer = format!("/items/{position}/quantity");
        // Each number must be a quantity, and so must the sum.
        let parsed = Quantity::new(quantity).and_then(|each| Quantity::new(each.get() + before));
        let Some(quantity) = invalid.check(&pointer, parsed.map_err(|error| error.text())) else {
            continue;
        };
        match known.and_then(|known| wanted.get_mut(known)) {
            Some(line) => line.quantity = quantity,
            None => wanted.push(Wanted { item_id, quantity }),
        }
    }
    Some(Source::Items(wanted))
}
