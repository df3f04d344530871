//! Items: read by all, made by sellers, changed and deleted by their seller or an admin.

mod body;
mod query;

use axum::extract::State;
use commerce::{ItemId, Text};
use db::{Db, Tx};
use http::StatusCode;
use service::idempotency::{self, Answer, Claim};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Context, Deed, IdempotencyKey, IfMatch, Invalid, JsonBody, List, Page, Path,
    Problem, Query, Resource, Seller, clock,
};

use body::Change;
pub use body::{ChangeItem, CreateItem, ItemBody};
use query::ItemQuery;

use crate::api::room::check_room;
use crate::changed;
use crate::item::Item;
use crate::store::item_list::{self, Position};
use crate::store::items;
use crate::store::shelf::Shelf;

/// Items that are for sale. Those of disabled categories and of sellers who may not sell are shown
/// to admins, and to their seller.
#[utoipa::path(get, path = "/api/items", tag = "catalog", params(ItemQuery, PageQuery),
    responses((status = 200, body = ListBody<ItemBody>), Refusals))]
pub async fn list(
    caller: Option<Caller>,
    Query(query): Query<ItemQuery>,
    page: Page<Position>,
    State(db): State<Db>,
) -> Result<List<ItemBody>, Problem> {
    let (sort, filter) = query::parse(query, caller)?;
    query::check_cursor(sort, page.after)?;
    let found = item_list::list(&db, &filter, sort, page.after, page.rows()).await?;
    let list = page.list(found, |item| Position::of(sort, item));
    Ok(list.map(|item| ItemBody::seen_by(&item, caller)))
}

/// One item, as it is at this moment.
#[utoipa::path(get, path = "/api/items/{id}", tag = "catalog", params(("id" = ItemId, Path)),
    responses((status = 200, body = ItemBody), Refusals))]
pub async fn show(
    caller: Option<Caller>,
    Path(id): Path<ItemId>,
    context: Context,
    State(shelf): State<Shelf>,
) -> Result<Resource<ItemBody>, Problem> {
    let item = find_visible(&context, &shelf, caller, id).await?;
    Ok(Resource {
        version: item.version,
        body: ItemBody::seen_by(&item, caller),
    })
}

/// The item, to whoever may see it.
pub async fn find_visible(
    context: &Context,
    shelf: &Shelf,
    caller: Option<Caller>,
    id: ItemId,
) -> Result<Item, Problem> {
    shelf
        .find(context, id)
        .await?
        .filter(|item| item.is_visible_to(caller))
        .ok_or_else(Problem::not_found)
}

/// What whoever has changed it is answered.
fn resource(item: &Item) -> Resource<ItemBody> {
    Resource {
        version: item.version,
        body: ItemBody::whole(item),
    }
}

/// Makes an item, without stock.
#[utoipa::path(post, path = "/api/items", tag = "catalog", security(("bearer" = [])),
    request_body = CreateItem, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = ItemBody),
        (status = 409, description = "`sku-taken`: another item has this SKU"),
        Refusals))]
pub async fn create(
    Seller(caller): Seller,
    author: Author,
    key: Option<IdempotencyKey>,
    State(db): State<Db>,
    body: JsonBody<CreateItem>,
) -> Result<Answer, Problem> {
    let claim = key.map(|key| Claim::new(caller.user, &key, body.digest));
    let item = body.value.parse(caller.user)?;
    idempotency::once(&db, claim.as_ref(), || {
        insert(&db, &author, &item, claim.as_ref())
    })
    .await
}

pub fn path(id: ItemId) -> String {
    format!("/api/items/{id}")
}

async fn insert(
    db: &Db,
    author: &Author,
    item: &Item,
    claim: Option<&Claim>,
) -> Result<Answer, Problem> {
    let (path, body) = (path(item.id), ItemBody::whole(item));
    let answer = Answer::created(path.clone(), item.version, &body)?;
    let mut tx = db.begin().await?;
    let outcome = async {
        items::insert(&mut tx, item).await.map_err(refused)?;
        changed::tell(&mut tx, vec![item.id]).await?;
        let deed = Deed::created("item.created", &path, &body);
        author.record(&mut tx, deed).await?;
        if let Some(claim) = claim {
            claim.store(&mut tx, &answer).await?;
        }
        Ok(answer)
    }
    .await;
    tx.finish(outcome).await
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/items/{id}", tag = "catalog", security(("bearer" = [])),
    request_body = ChangeItem, params(("id" = ItemId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = ItemBody),
        (status = 409, description = "`sku-taken`: another item has this SKU; `stock-too-large`: at this price there are too many units, `most` says how many there may be"),
        Refusals))]
pub async fn change(
    Seller(caller): Seller,
    Path(id): Path<ItemId>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<ChangeItem>,
) -> Result<Resource<ItemBody>, Problem> {
    let author = Author::new(caller, None, &context);
    let change = body.value.parse()?;
    let changed = db::retry(|| update(&db, caller, &author, id, &if_match, &change)).await;
    shelf.forget(&context, &[id]).await;
    changed
}

async fn update(
    db: &Db,
    caller: Caller,
    author: &Author,
    id: ItemId,
    if_match: &IfMatch,
    change: &Change,
) -> Result<Resource<ItemBody>, Problem> {
    let mut tx = db.begin().await?;
    let outcome = async {
        let mut item = lock_own(&mut tx, caller, id).await?;
        if_match.check(item.version)?;
        let before = ItemBody::whole(&item);
        let price = item.price;
        change.apply(&mut item)?;
        if item.price != price {
            check_room(&item, 0)?;
        }
        items::update(&mut tx, &item).await.map_err(refused)?;
        changed::tell(&mut tx, vec![id]).await?;
        let changed = resource(&item);
        let path = path(id);
        let deed = Deed::changed("item.changed", &path, &before, &changed.body);
        author.record(&mut tx, deed).await?;
        Ok(changed)
    }
    .await;
    tx.finish(outcome).await
}

/// The item, locked, to whoever may change it.
pub async fn lock_own(tx: &mut Tx, caller: Caller, id: ItemId) -> Result<Item, Problem> {
    let found = items::lock(tx, id).await?;
    let item = found.ok_or_else(Problem::not_found)?;
    if item.may_be_changed_by(caller) {
        Ok(item)
    } else {
        Err(Problem::forbidden())
    }
}

/// Takes an item out of the shop. Orders that name it stay as they are.
#[utoipa::path(delete, path = "/api/items/{id}", tag = "catalog", security(("bearer" = [])),
    params(("id" = ItemId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The item is gone"), Refusals))]
pub async fn delete(
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<ItemId>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<StatusCode, Problem> {
    let deleted = db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let item = lock_own(&mut tx, caller, id).await?;
            if_match.check(item.version)?;
            items::delete(&mut tx, id, clock::now()).await?;
            changed::tell(&mut tx, vec![id]).await?;
            let (path, body) = (path(id), ItemBody::whole(&item));
            let deed = Deed::removed("item.removed", &path, &body);
            author.record(&mut tx, deed).await?;
            Ok::<_, Problem>(StatusCode::NO_CONTENT)
        }
        .await;
        tx.finish(outcome).await
    })
    .await;
    shelf.forget(&context, &[id]).await;
    deleted
}

/// What the tables refuse of an item.
fn refused(error: db::Error) -> Problem {
    match error {
        db::Error::ForeignKey => {
            let mut invalid = Invalid::new();
            let text = Text::new("Il n’y a pas cette catégorie", "There is no such category");
            invalid.refuse("/category_id", text);
            invalid.into()
        }
        taken if taken.is_duplicate_of("items_sku") => Problem::conflict(
            "sku-taken",
            Text::new(
                "Un autre article porte cette référence",
                "Another item has this SKU",
            ),
        ),
        other => other.into(),
    }
}
