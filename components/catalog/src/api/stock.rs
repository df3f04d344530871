//! Stock: read by all, moved by the item's seller, who alone sees the ledger (and admins).

use axum::extract::State;
use commerce::{BoundedText, ItemId, MovementId, Text};
use db::Db;
use serde::Deserialize;
use serde_json::json;
use service::idempotency::{self, Answer, Claim};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Context, Deed, IdempotencyKey, Invalid, Json, JsonBody, List, Page, Path,
    Problem, Resource, Seller, clock,
};
use utoipa::ToSchema;

use super::items::{find_visible, lock_own, path};
use crate::api::room::check_room;
use crate::item::Item;
use crate::stock::{Delta, Movement, Reason, Shift, Stock};
use crate::store::shelf::Shelf;
use crate::store::{movements, stock};
use crate::warehouse::{Freed, Warehouse};
use crate::{alert, changed};

/// The code of the refusal of a movement that would take what is reserved.
const STOCK_TOO_LOW: &str = "stock-too-low";

/// How many pieces there are, and how many of them nobody has reserved.
#[utoipa::path(get, path = "/api/items/{id}/stock", tag = "catalog", params(("id" = ItemId, Path)),
    responses((status = 200, body = Stock), Refusals))]
pub async fn show(
    caller: Option<Caller>,
    Path(id): Path<ItemId>,
    context: Context,
    State(shelf): State<Shelf>,
) -> Result<Json<Stock>, Problem> {
    let item = find_visible(&context, &shelf, caller, id).await?;
    Ok(Json(Stock::from(&item)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordMovement {
    #[schema(value_type = Delta)]
    delta: i64,
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"\S")]
    reason: BoundedText<200>,
}

/// Writes a movement into the ledger. 409 where it would leave less than is reserved.
#[utoipa::path(post, path = "/api/items/{id}/stock", tag = "catalog", security(("bearer" = [])),
    request_body = RecordMovement,
    params(("id" = ItemId, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Movement),
        (status = 409, description = "`stock-too-low`: less is there than would go; `stock-too-large`: more would be there than may be, `most` says how many"),
        Refusals))]
pub async fn record(
    Seller(caller): Seller,
    Path(id): Path<ItemId>,
    key: Option<IdempotencyKey>,
    context: Context,
    State(db): State<Db>,
    State(warehouse): State<Warehouse>,
    body: JsonBody<RecordMovement>,
) -> Result<Answer, Problem> {
    let author = Author::new(caller, None, &context);
    let claim = key.map(|key| Claim::new(caller.user, &key, body.digest));
    let (delta, reason) = parse(body.value)?;
    let record = || {
        idempotency::once(&db, claim.as_ref(), || {
            insert(&db, &author, id, delta, &reason, claim.as_ref())
        })
    };
    let mut recorded = record().await;
    // What is past its time is free, whether or not somebody has swept it.
    if recorded
        .as_ref()
        .is_err_and(|problem| problem.code() == STOCK_TOO_LOW)
        && warehouse.free_past_due(&[id]).await? != Freed::Nothing
    {
        recorded = record().await;
    }
    warehouse.shelf().forget(&context, &[id]).await;
    recorded
}

fn parse(body: RecordMovement) -> Result<(Delta, Reason), Problem> {
    let mut invalid = Invalid::new();
    let delta = invalid.check("/delta", Delta::new(body.delta));
    let reason = invalid.check("/reason", Reason::parse(&body.reason));
    delta.zip(reason).ok_or_else(|| invalid.into())
}

async fn insert(
    db: &Db,
    author: &Author,
    item_id: ItemId,
    delta: Delta,
    reason: &Reason,
    claim: Option<&Claim>,
) -> Result<Answer, Problem> {
    let mut tx = db.begin().await?;
    let outcome = async {
        let caller = author.caller();
        let item = lock_own(&mut tx, caller, item_id).await?;
        check_room(&item, delta.get())?;
        let shift = Shift {
            item_id,
            on_hand: delta.get(),
            reserved: 0,
        };
        stock::shift(&mut tx, &[shift]).await.map_err(too_low)?;
        alert::tell_low(&mut tx, &[shift]).await?;
        changed::tell_shifted(&mut tx, &[shift]).await?;
        let movement = movement(&item, caller, delta, reason);
        movements::insert(&mut tx, &movement).await?;
        let location = format!("/api/items/{item_id}/stock/movements/{}", movement.id);
        let (path, stock) = (path(item_id), |pieces: i64| json!({ "on_hand": pieces }));
        let (before, after) = (stock(item.on_hand), stock(movement.balance));
        let deed = Deed::changed("item.stock_moved", &path, &before, &after);
        author.record(&mut tx, deed).await?;
        let answer = Answer::created(location, 1, &movement)?;
        if let Some(claim) = claim {
            claim.store(&mut tx, &answer).await?;
        }
        Ok(answer)
    }
    .await;
    tx.finish(outcome).await
}

/// The movement of an item that is locked as it was before.
fn movement(item: &Item, caller: Caller, delta: Delta, reason: &Reason) -> Movement {
    Movement {
        id: MovementId::from_uuid(service::fresh_uuid()),
        item_id: item.id,
        delta: delta.get(),
        reason: reason.as_str().to_owned(),
        order_id: None,
        restock_id: None,
        actor_id: caller.user,
        balance: item.on_hand.saturating_add(delta.get()),
        created_at: clock::now(),
    }
}

fn too_low(error: db::Error) -> Problem {
    if stock::is_short(&error) {
        let title = Text::new(
            "Il resterait moins que ce qui est réservé",
            "Less would be left than is reserved",
        );
        Problem::conflict(STOCK_TOO_LOW, title)
    } else {
        error.into()
    }
}

/// The ledger of an item, from its newest movement.
#[utoipa::path(get, path = "/api/items/{id}/stock/movements", tag = "catalog",
    security(("bearer" = [])), params(("id" = ItemId, Path), PageQuery),
    responses((status = 200, body = ListBody<Movement>), Refusals))]
pub async fn list_movements(
    Seller(caller): Seller,
    Path(id): Path<ItemId>,
    page: Page<MovementId>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<List<Movement>, Problem> {
    check_own(&context, &shelf, caller, id).await?;
    let found = movements::list(&db, id, page.after, page.rows()).await?;
    Ok(page.list(found, |movement| movement.id))
}

/// One movement of the ledger.
#[utoipa::path(get, path = "/api/items/{id}/stock/movements/{movement_id}", tag = "catalog",
    security(("bearer" = [])), params(("id" = ItemId, Path), ("movement_id" = MovementId, Path)),
    responses((status = 200, body = Movement), Refusals))]
pub async fn show_movement(
    Seller(caller): Seller,
    Path((id, movement_id)): Path<(ItemId, MovementId)>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<Resource<Movement>, Problem> {
    check_own(&context, &shelf, caller, id).await?;
    let found = movements::find(&db, id, movement_id).await?;
    Ok(Resource {
        version: 1,
        body: found.ok_or_else(Problem::not_found)?,
    })
}

async fn check_own(
    context: &Context,
    shelf: &Shelf,
    caller: Caller,
    id: ItemId,
) -> Result<(), Problem> {
    let item = find_visible(context, shelf, Some(caller), id).await?;
    if item.may_be_changed_by(caller) {
        Ok(())
    } else {
        Err(Problem::forbidden())
    }
}
