//! Deliveries: what was sent to a webhook, what came of it, and sending it again.

use axum::extract::State;
use commerce::{DeliveryId, EventId, Text, WebhookId};
use db::{Db, Tx};
use http::StatusCode;
use http::header::LOCATION;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Admin, Author, Context, Deed, Jobs, Json, List, Page, Path, Problem, clock};

use super::webhooks::path;
use crate::delivery::{Delivery, id_of};
use crate::event::Telling;
use crate::jobs::SEND;
use crate::store::{deliveries, events, webhooks};

/// Deliveries to a webhook, from the latest. They are kept for 30 days.
#[utoipa::path(get, path = "/api/webhooks/{id}/deliveries", tag = "webhooks",
    security(("bearer" = [])), params(("id" = WebhookId, Path), PageQuery),
    responses((status = 200, body = ListBody<Delivery>), Refusals))]
pub async fn list(
    _: Admin,
    Path(id): Path<WebhookId>,
    page: Page<u64>,
    State(db): State<Db>,
) -> Result<List<Delivery>, Problem> {
    let found = webhooks::find(&db, id).await?;
    found.ok_or_else(Problem::not_found)?;
    let found = deliveries::list(&db, id, page.after, page.rows()).await?;
    Ok(page.list(found, |delivery| delivery.sequence))
}

/// One delivery.
#[utoipa::path(get, path = "/api/webhooks/{id}/deliveries/{delivery_id}", tag = "webhooks",
    security(("bearer" = [])),
    params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), Refusals))]
pub async fn show(
    _: Admin,
    Path((id, delivery_id)): Path<(WebhookId, DeliveryId)>,
    State(db): State<Db>,
) -> Result<Json<Delivery>, Problem> {
    let webhook = webhooks::find(&db, id).await?;
    webhook.ok_or_else(Problem::not_found)?;
    let found = deliveries::find(&db, id, delivery_id).await?;
    Ok(Json(found.ok_or_else(Problem::not_found)?))
}

/// 202, and where to see what comes of it.
type Accepted = (StatusCode, [(http::HeaderName, String); 1], Json<Delivery>);

/// The delivery is on its way from now on.
fn accept(context: &Context, jobs: &Jobs, delivery: Delivery) -> Accepted {
    jobs.run_soon(context, SEND);
    let webhook = delivery.webhook_id;
    let location = format!("/api/webhooks/{webhook}/deliveries/{}", delivery.id);
    (StatusCode::ACCEPTED, [(LOCATION, location)], Json(delivery))
}

/// Sends an event of the type `webhook.test`, whatever types the webhook asks for.
#[utoipa::path(post, path = "/api/webhooks/{id}/test", tag = "webhooks", security(("bearer" = [])),
    params(("id" = WebhookId, Path)), responses((status = 202, body = Delivery, headers(("Location" = String))),
        (status = 409, description = "`webhook-disabled`: nothing is sent to it"),
        Refusals))]
pub async fn test(
    _: Admin,
    author: Author,
    Path(id): Path<WebhookId>,
    context: Context,
    State(db): State<Db>,
    State(jobs): State<Jobs>,
) -> Result<Accepted, Problem> {
    let delivery = db::retry(|| insert_test(&db, &author, id)).await?;
    Ok(accept(&context, &jobs, delivery))
}

async fn insert_test(db: &Db, author: &Author, id: WebhookId) -> Result<Delivery, Problem> {
    let now = clock::now();
    let event = EventId::from_uuid(service::fresh_uuid());
    let telling = Telling::test(event, id, now);
    let mut tx = db.begin().await?;
    let outcome = async {
        lock_enabled(&mut tx, id).await?;
        events::insert(&mut tx, std::slice::from_ref(&telling), now).await?;
        deliveries::insert(&mut tx, &[(&telling, id)], now).await?;
        let path = path(id);
        let deed = Deed::done("webhook.tested", &path);
        author.record(&mut tx, deed).await?;
        find_written(&mut tx, id, id_of(id, event)).await
    }
    .await;
    tx.finish(outcome).await
}

/// Sends it again now, whatever became of it; if it fails, as often as is left of its schedule.
#[utoipa::path(post, path = "/api/webhooks/{id}/deliveries/{delivery_id}/retry", tag = "webhooks",
    security(("bearer" = [])),
    params(("id" = WebhookId, Path), ("delivery_id" = DeliveryId, Path)),
    responses((status = 202, body = Delivery, headers(("Location" = String))),
        (status = 409, description = "`webhook-disabled`: nothing is sent to it"),
        Refusals))]
pub async fn retry(
    _: Admin,
    author: Author,
    Path((id, delivery_id)): Path<(WebhookId, DeliveryId)>,
    context: Context,
    State(db): State<Db>,
    State(jobs): State<Jobs>,
) -> Result<Accepted, Problem> {
    let delivery = db::retry(|| send_again(&db, &author, id, delivery_id)).await?;
    Ok(accept(&context, &jobs, delivery))
}

async fn send_again(
    db: &Db,
    author: &Author,
    id: WebhookId,
    delivery: DeliveryId,
) -> Result<Delivery, Problem> {
    let mut tx = db.begin().await?;
    let outcome = async {
        lock_enabled(&mut tx, id).await?;
        deliveries::send_again(&mut tx, id, delivery, clock::now()).await?;
        let subject = format!("{}/deliveries/{delivery}", path(id));
        let deed = Deed::done("delivery.sent_again", &subject);
        author.record(&mut tx, deed).await?;
        find_written(&mut tx, id, delivery).await
    }
    .await;
    tx.finish(outcome).await
}

async fn lock_enabled(tx: &mut Tx, id: WebhookId) -> Result<(), Problem> {
    let found = webhooks::lock(tx, id).await?;
    if found.ok_or_else(Problem::not_found)?.enabled {
        return Ok(());
    }
    let title = Text::new("Ce webhook est désactivé", "This webhook is not enabled");
    Err(Problem::conflict("webhook-disabled", title))
}

async fn find_written(
    tx: &mut Tx,
    id: WebhookId,
    delivery: DeliveryId,
) -> Result<Delivery, Problem> {
    let written = deliveries::find_written(tx, id, delivery).await?;
    written.ok_or_else(Problem::not_found)
}
