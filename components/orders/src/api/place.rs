//! `POST /api/orders`.

use std::collections::HashMap;

use axum::extract::State;
use commerce::{
    AddressInput, BoundedList, BoundedText, ItemId, Language, Money, Quantity, Text, UnsignedMoney,
    UserId,
};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde::Deserialize;
use service::idempotency::{Answer, Claim, once_for};
use service::openapi::Refusals;
use service::{
    AccountEmail, Author, Client, ClientAddress, Context, IdempotencyKey, Invalid, JsonBody,
    Problem,
};
use utoipa::ToSchema;

use super::company::CompanyInput;
use super::refusals::{PLACING, UNPAID};
use crate::catalog::Wanted;
use crate::desk::Desk;
use crate::destination::Destination;
use crate::discount::Code;
use crate::domain::unpaid::Network;
use crate::order::{self, OrderBody};
use crate::placing::{Draft, Source};

/// What one order may name.
pub type OrderedItems = BoundedList<OrderedItem, 500>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// What is ordered; or else `from_cart`.
    #[schema(value_type = Option<Vec<OrderedItem>>, min_items = 1, max_items = 500)]
    items: Option<OrderedItems>,
    /// Order what is in the client's cart, and take it off. A cart that another request orders is 409
    /// (`cart-changed`).
    #[serde(default)]
    from_cart: bool,
    shipping_address: AddressInput,
    /// The shipping address if absent.
    billing_address: Option<AddressInput>,
    /// If a company buys: its name is that of the billing address.
    company: Option<CompanyInput>,
    /// A merchant's code that takes something off.
    #[schema(value_type = Option<Code>)]
    discount_code: Option<BoundedText<30>>,
    /// What the client was shown, VAT included: another total is refused (409).
    #[schema(value_type = Option<UnsignedMoney>)]
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
    responses((status = 201, body = OrderBody),
        (status = 409, description = PLACING),
        (status = 429, description = UNPAID),
        Refusals))]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub async fn place(
    context: Context,
    Client(caller): Client,
    AccountEmail(email): AccountEmail,
    address: ClientAddress,
    headers: HeaderMap,
    key: IdempotencyKey,
    State(desk): State<Desk>,
    body: JsonBody<PlaceOrder>,
) -> Result<Answer, Problem> {
    let author = Author::new(caller, None, &context);
    let claim = Claim::new(caller.user, &key, body.digest);
    let asked = headers.contains_key(ACCEPT_LANGUAGE);
    let client = Buyer {
        id: caller.user,
        email: email.to_string(),
        language: asked.then_some(context.language),
        network: Network::of(&address.network()),
    };
    let draft = parse(body.value, client, &key)?;
    let cart_of = matches!(draft.source, Source::Cart).then_some(draft.id);
    let placing = desk.place(&context, &author, &claim, draft);
    let answer = once_for(&desk.db, &claim, placing).await?;
    // The first request may have stopped before it did so.
    if let Some(order) = cart_of.filter(|_| answer.is_replayed()) {
        desk.settle_cart(&context, caller.user, order).await;
    }
    Ok(answer)
}

/// Who orders.
struct Buyer {
    id: UserId,
    email: String,
    language: Option<Language>,
    network: Network,
}

fn parse(body: PlaceOrder, client: Buyer, key: &IdempotencyKey) -> Result<Draft, Problem> {
    let mut invalid = Invalid::new();
    let source = parse_source(body.items, body.from_cart, &mut invalid);
    let shipping = invalid.check_all("/shipping_address", body.shipping_address.parse());
    let billing = match body.billing_address {
        Some(address) => invalid.check_all("/billing_address", address.parse()),
        None => shipping.clone(),
    };
    let company = body.company.and_then(|company| company.parse(&mut invalid));
    let destination = shipping.as_ref().and_then(|address| {
        Destination::parse("/shipping_address", address, company.as_ref(), &mut invalid)
    });
    let discount_code = parse_code(body.discount_code, &mut invalid);
    let expected_total = body.expected_total.and_then(|total| {
        let total = UnsignedMoney::new(total).map_err(|error| error.text());
        invalid.check("/expected_total/amount", total)
    });
    let (Some(source), Some(shipping_address), Some(billing_address), Some(destination)) =
        (source, shipping, billing, destination)
    else {
        return Err(invalid.into());
    };
    invalid.finish()?;
    Ok(Draft {
        id: order::derive_id(client.id, key.as_str()),
        client: client.id,
        source,
        shipping_address,
        billing_address,
        destination,
        email: client.email,
        language: client.language,
        company,
        discount_code,
        expected_total: expected_total.map(UnsignedMoney::money),
        network: client.network,
    })
}

pub fn parse_code(code: Option<BoundedText<30>>, invalid: &mut Invalid) -> Option<Code> {
    let code = Code::parse(&code?);
    invalid.check("/discount_code", code)
}

/// Where the lines come from; an item that is named twice is one line.
pub fn parse_source(
    items: Option<OrderedItems>,
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
    if items.is_empty() {
        let text = Text::new("Au moins une ligne", "At least one line");
        invalid.refuse("/items", text);
    }
    let mut wanted: Vec<Wanted> = Vec::with_capacity(items.len());
    let mut places: HashMap<ItemId, usize> = HashMap::with_capacity(items.len());
    for (position, OrderedItem { item_id, quantity }) in items.into_iter().enumerate() {
        let known = places
            .get(&item_id)
            .and_then(|place| wanted.get_mut(*place));
        let before = known.as_ref().map_or(0, |line| line.quantity.get());
        let pointer = format!("/items/{position}/quantity");
        // Each number must be a quantity, and so must the sum.
        let parsed = Quantity::new(quantity).and_then(|each| Quantity::new(each.get() + before));
        let Some(quantity) = invalid.check(&pointer, parsed.map_err(|error| error.text())) else {
            continue;
        };
        match known {
            Some(line) => line.quantity = quantity,
            None => {
                places.insert(item_id, wanted.len());
                wanted.push(Wanted { item_id, quantity });
            }
        }
    }
    Some(Source::Items(wanted))
}
