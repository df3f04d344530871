//! Writing to a cart. Each write is all or nothing and answers the whole cart.

use axum::extract::State;
use commerce::{BoundedList, ItemId, Quantity};
use serde::Deserialize;
use service::openapi::Refusals;
use service::{Context, IfMatch, Invalid, JsonBody, Path, Problem};
use utoipa::ToSchema;

use crate::App;
use crate::api::cart::{CONFLICTS, Shown};
use crate::api::shopper::Writer;
use crate::cart::{CartLine, MAX_LINES, PricedCart, Wish, check_quantity, check_wishes};
use crate::offer::Offers;
use crate::store::carts;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemQuantity {
    item_id: ItemId,
    #[schema(value_type = Quantity)]
    quantity: i64,
}

/// Adds an item, or its quantity to the line that the item has. Needs no `If-Match`: two adds both count.
///
/// A guest's first write answers `Cart-Token`: the name of the new cart, to be sent from then on.
#[utoipa::path(post, path = "/api/cart/items", tag = "cart", security((), ("bearer" = [])),
    request_body = ItemQuantity,
    params(("Cart-Token" = Option<String>, Header, description = "A guest's cart"),
        ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = PricedCart, headers(("Cart-Token" = String))),
        (status = 404, description = "`not-found`: no cart has this `Cart-Token`"),
        (status = 409, description = CONFLICTS),
        Refusals))]
pub async fn add(
    writer: Writer,
    if_match: Option<IfMatch>,
    context: Context,
    State(app): State<App>,
    body: JsonBody<ItemQuantity>,
) -> Result<Shown, Problem> {
    let wish = parse_wish(&body.value)?;
    // The catalogue is asked of the other lines before the write: adding is not repeatable, so nothing
    // that may fail should come between it and its answer.
    let before = carts::find(&app.cache, &writer.key).await?;
    let ids = before.item_ids().chain([wish.item_id]);
    let offers = app.catalog.offers(&context, ids).await?;
    let line = name_wish(wish, &offers)?;
    let if_match = if_match.unwrap_or(IfMatch::Any);
    let cart = carts::add(&app.cache, &writer.key, &if_match, &line).await?;
    let shown = Shown::new(&app, &context, cart, offers).await?;
    Ok(shown.with_token(writer.new_token))
}

fn parse_wish(body: &ItemQuantity) -> Result<Wish, Problem> {
    let mut invalid = Invalid::new();
    let item_id = body.item_id;
    check_quantity(&mut invalid, "/quantity", body.quantity)
        .map(|quantity| Wish { item_id, quantity })
        .ok_or_else(|| invalid.into())
}

fn name_wish(wish: Wish, offers: &Offers) -> Result<CartLine, Problem> {
    let mut invalid = Invalid::new();
    wish.name(offers, &mut invalid, "/item_id")
        .ok_or_else(|| invalid.into())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CartItems {
    /// Each item once, in the order in which they are to be shown.
    #[schema(value_type = Vec<ItemQuantity>, max_items = 100)]
    items: BoundedList<ItemQuantity, { MAX_LINES }>,
}

/// Puts these items in the place of all that the cart holds.
#[utoipa::path(put, path = "/api/cart/items", tag = "cart", security((), ("bearer" = [])),
    request_body = CartItems,
    params(("Cart-Token" = Option<String>, Header, description = "A guest's cart"),
        ("If-Match" = String, Header)),
    responses((status = 200, body = PricedCart, headers(("Cart-Token" = String))),
        (status = 404, description = "`not-found`: no cart has this `Cart-Token`"),
        (status = 409, description = CONFLICTS),
        Refusals))]
pub async fn replace(
    writer: Writer,
    if_match: IfMatch,
    context: Context,
    State(app): State<App>,
    body: JsonBody<CartItems>,
) -> Result<Shown, Problem> {
    let wishes = parse_wishes(&body.value)?;
    let ids = wishes.iter().map(|wish| wish.item_id);
    let offers = app.catalog.offers(&context, ids).await?;
    let lines = name_wishes(&wishes, &offers)?;
    let cart = carts::replace(&app.cache, &writer.key, &if_match, &lines).await?;
    let shown = Shown::new(&app, &context, cart, offers).await?;
    Ok(shown.with_token(writer.new_token))
}

fn parse_wishes(body: &CartItems) -> Result<Vec<Wish>, Problem> {
    let mut invalid = Invalid::new();
    let wanted = body.items.iter().map(|item| (item.item_id, item.quantity));
    let wishes = check_wishes(&mut invalid, wanted);
    invalid.finish()?;
    Ok(wishes)
}

fn name_wishes(wishes: &[Wish], offers: &Offers) -> Result<Vec<CartLine>, Problem> {
    let mut invalid = Invalid::new();
    let lines = wishes.iter().enumerate().filter_map(|(index, wish)| {
        wish.name(offers, &mut invalid, &format!("/items/{index}/item_id"))
    });
    let lines = lines.collect();
    invalid.finish()?;
    Ok(lines)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeQuantity {
    #[schema(value_type = Quantity)]
    quantity: i64,
}

/// Sets the quantity of an item that is in the cart.
#[utoipa::path(patch, path = "/api/cart/items/{item_id}", tag = "cart",
    security((), ("bearer" = [])), request_body = ChangeQuantity,
    params(("item_id" = ItemId, Path), ("If-Match" = String, Header),
        ("Cart-Token" = Option<String>, Header, description = "A guest's cart")),
    responses((status = 200, body = PricedCart),
        (status = 409, description = CONFLICTS),
        Refusals))]
pub async fn change(
    writer: Writer,
    Path(item_id): Path<ItemId>,
    if_match: IfMatch,
    context: Context,
    State(app): State<App>,
    body: JsonBody<ChangeQuantity>,
) -> Result<Shown, Problem> {
    let quantity = parse_quantity(&body.value)?;
    let key = &writer.key;
    let cart = carts::set_quantity(&app.cache, key, &if_match, item_id, quantity).await?;
    Shown::new(&app, &context, cart, Offers::default()).await
}

fn parse_quantity(body: &ChangeQuantity) -> Result<Quantity, Problem> {
    let mut invalid = Invalid::new();
    check_quantity(&mut invalid, "/quantity", body.quantity).ok_or_else(|| invalid.into())
}

/// Takes an item out of the cart.
#[utoipa::path(delete, path = "/api/cart/items/{item_id}", tag = "cart",
    security((), ("bearer" = [])),
    params(("item_id" = ItemId, Path), ("If-Match" = String, Header),
        ("Cart-Token" = Option<String>, Header, description = "A guest's cart")),
    responses((status = 200, body = PricedCart), Refusals))]
pub async fn remove(
    writer: Writer,
    Path(item_id): Path<ItemId>,
    if_match: IfMatch,
    context: Context,
    State(app): State<App>,
) -> Result<Shown, Problem> {
    let cart = carts::remove(&app.cache, &writer.key, &if_match, item_id).await?;
    Shown::new(&app, &context, cart, Offers::default()).await
}

/// Empties the cart.
#[utoipa::path(delete, path = "/api/cart/items", tag = "cart", security((), ("bearer" = [])),
    params(("If-Match" = String, Header),
        ("Cart-Token" = Option<String>, Header, description = "A guest's cart")),
    responses((status = 200, body = PricedCart, headers(("Cart-Token" = String))),
        (status = 404, description = "`not-found`: no cart has this `Cart-Token`"),
        Refusals))]
pub async fn clear(
    writer: Writer,
    if_match: IfMatch,
    context: Context,
    State(app): State<App>,
) -> Result<Shown, Problem> {
    let cart = carts::replace(&app.cache, &writer.key, &if_match, &[]).await?;
    let shown = Shown::new(&app, &context, cart, Offers::default()).await?;
    Ok(shown.with_token(writer.new_token))
}
