//! Payments: made by the client who owes them; seen by that client, by sellers with lines in them and by
//! admins. To anybody else there is no such payment.

use axum::extract::State;
use commerce::{Language, OrderId, PaymentId};
use db::Db;
use http::HeaderName;
use http::header::VARY;
use serde::Deserialize;
use service::idempotency::{Answer, Claim, once_for};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Client, Condition, Context, IdempotencyKey, JsonBody, List, Page, Path,
    Problem, Query, Resource, Seller,
};
use utoipa::ToSchema;

use crate::api::view::{Moves, PaymentView};
use crate::domain::payment_view::Sight;
use crate::paying::{Draft, Till};
use crate::payment::{self, Payment, Provider};
use crate::store::payments;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayOrder {
    order_id: OrderId,
    /// `stripe` where the shop has an account there, if absent; else `offline`.
    provider: Option<Provider>,
}

/// An answer whose instructions are in the reader's language.
type InLanguage<T> = ([(HeaderName, &'static str); 1], T);

const BY_LANGUAGE: [(HeaderName, &str); 1] = [(VARY, "Accept-Language")];

/// Whose payments.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfOrder {
    order_id: OrderId,
}

/// Begins to pay an order: its total, with Stripe or offline. An order has one payment at most that is neither
/// failed nor cancelled. One that is paid offline waits for the days that its merchant gives (`expires_at` of the
/// order). What a company was sent on terms is paid in the same way, wherever the goods are.
#[utoipa::path(post, path = "/api/payments", tag = "payments", request_body = PayOrder,
    security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "The same key again gets the first answer")),
    responses((status = 201, body = PaymentView),
        (status = 404, description = "`not-found`: the caller has no such order"),
        (status = 409, description = "`payment-exists`: the order has one already; \
            `nothing-to-pay`: it comes to nothing; `order-paid`, `order-cancelled`, `order-expired`: where it stands; \
            `provider-not-offered`: the shop has no such provider"),
        Refusals))]
pub async fn create(
    context: Context,
    Client(caller): Client,
    author: Author,
    key: IdempotencyKey,
    State(till): State<Till>,
    body: JsonBody<PayOrder>,
) -> Result<Answer, Problem> {
    let claim = Claim::new(caller.user, &key, body.digest);
    let draft = Draft {
        id: payment::derive_id(caller.user, key.as_str()),
        client: caller.user,
        order: body.value.order_id,
        provider: body.value.provider,
    };
    once_for(&till.db, &claim, till.pay(&context, &author, &claim, draft)).await
}

/// The payments of an order, from the newest.
#[utoipa::path(get, path = "/api/payments", tag = "payments", security(("bearer" = [])),
    params(OfOrder, PageQuery), responses((status = 200, body = ListBody<PaymentView>), Refusals))]
pub async fn list(
    context: Context,
    caller: Caller,
    Query(of): Query<OfOrder>,
    page: Page<u64>,
    State(till): State<Till>,
) -> Result<InLanguage<List<PaymentView>>, Problem> {
    let rows = page.rows();
    let found = payments::list(&till.db, of.order_id, page.after, rows).await?;
    let ids: Vec<PaymentId> = found.iter().map(|payment| payment.id).collect();
    let moves = Moves::read(&till.db, &ids).await?;
    let list = page.list(found, |payment| payment.number);
    let list = list.try_map(|payment| view(&till, &payment, &moves, caller, context.language))?;
    Ok((BY_LANGUAGE, list.filter_map(|view| view)))
}

/// One payment, with its refunds.
#[utoipa::path(get, path = "/api/payments/{id}", tag = "payments", security(("bearer" = [])),
    params(("id" = PaymentId, Path)), responses((status = 200, body = PaymentView), Refusals))]
pub async fn show(
    context: Context,
    caller: Caller,
    Path(id): Path<PaymentId>,
    State(till): State<Till>,
) -> Result<InLanguage<Resource<PaymentView>>, Problem> {
    let (payment, _) = find(&till.db, id, caller).await?;
    answer(&till, payment, caller, context.language).await
}

/// Notes that a transfer or cash has arrived, once, also after its order has ended: an order that has expired is paid
/// if its stock is found again; else, and for one that was cancelled, a refund waits until somebody has sent the money
/// back (`by_hand`). By the seller of everything in the order, or an admin.
#[utoipa::path(post, path = "/api/payments/{id}/confirm", tag = "payments",
    security(("bearer" = [])),
    params(("id" = PaymentId, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = PaymentView),
        (status = 409, description = "`payment-not-offline`: only its provider confirms it"),
        Refusals))]
pub async fn confirm(
    context: Context,
    Seller(caller): Seller,
    author: Author,
    Path(id): Path<PaymentId>,
    condition: Condition,
    State(till): State<Till>,
) -> Result<InLanguage<Resource<PaymentView>>, Problem> {
    let payment = till.confirm(&context, (id, &condition), &author).await?;
    answer(&till, payment, caller, context.language).await
}

async fn answer(
    till: &Till,
    payment: Payment,
    caller: Caller,
    language: Language,
) -> Result<InLanguage<Resource<PaymentView>>, Problem> {
    let moves = Moves::read(&till.db, &[payment.id]).await?;
    let body = view(till, &payment, &moves, caller, language)?;
    let body = body.ok_or_else(Problem::not_found)?;
    let version = payment.version;
    Ok((BY_LANGUAGE, Resource { version, body }))
}

/// The payment and how much of it the caller sees, if anything.
pub async fn find(db: &Db, id: PaymentId, caller: Caller) -> Result<(Payment, Sight), Problem> {
    let found = payments::find(db, id).await?;
    let payment = found.ok_or_else(Problem::not_found)?;
    let sight = payment
        .sight(caller.into())
        .ok_or_else(Problem::not_found)?;
    Ok((payment, sight))
}

/// What the caller sees of a payment, if anything.
fn view(
    till: &Till,
    payment: &Payment,
    moves: &Moves,
    caller: Caller,
    language: Language,
) -> Result<Option<PaymentView>, Problem> {
    let Some(sight) = payment.sight(caller.into()) else {
        return Ok(None);
    };
    let view = PaymentView::of(payment, moves, sight, &till.instructions, language);
    Ok(Some(view.map_err(Problem::internal)?))
}
