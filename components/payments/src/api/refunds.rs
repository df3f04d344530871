//! Refunds: asked for by sellers of the lines and by admins.

use std::collections::HashSet;

use axum::extract::State;
use commerce::{
    BoundedList, BoundedText, ItemId, Money, PaymentId, PositiveMoney, Prose, Quantity, RefundId,
    Text,
};
use serde::Deserialize;
use service::idempotency::{Answer, Claim, once_for};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Condition, Context, IdempotencyKey, Invalid, JsonBody, List, Page, Path,
    Problem, Resource, Role, Seller,
};
use utoipa::ToSchema;

use crate::api::payments::find;
use crate::api::view::RefundView;
use crate::paying::Till;
use crate::refund::{self, Pieces, Wanted};
use crate::refunding::Draft;
use crate::store::{payments, refunds};

/// The most lines of one refund, as of one order.
const MAX_LINES: usize = 500;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPayment {
    /// Pieces to give back; or an amount; or neither, and no shipping, for all that is left.
    #[schema(value_type = Option<Vec<RefundedLine>>, min_items = 1, max_items = 500)]
    lines: Option<BoundedList<RefundedLine, { MAX_LINES }>>,
    #[schema(value_type = Option<PositiveMoney>)]
    amount: Option<Money>,
    /// Give shipping back: of who sells the lines, or, without lines, of everybody and nothing else.
    #[serde(default)]
    shipping: bool,
    /// For the client to read.
    #[schema(value_type = String, min_length = 1, max_length = 500, pattern = r"\S")]
    reason: BoundedText<500>,
    /// Whether the pieces go back into stock; not with an amount, which is of no pieces.
    restock: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundedLine {
    item_id: ItemId,
    #[schema(minimum = 1, maximum = 9999)]
    quantity: i64,
}

/// Gives money of a payment back: lines, an amount, or all that is left. A seller gives back their own lines.
#[utoipa::path(post, path = "/api/payments/{id}/refunds", tag = "payments",
    request_body = RefundPayment, security(("bearer" = [])),
    params(("id" = PaymentId, Path),
        ("Idempotency-Key" = String, Header, description = "The same key again gets the first answer")),
    responses((status = 201, body = RefundView),
        (status = 409, description = "`payment-not-succeeded`: nothing was paid; `nothing-to-refund`: all went back; \
            `refund-too-large`, `line-refunded`: less is left than asked for; `line-not-paid`: the order has no such line"),
        Refusals))]
pub async fn create(
    context: Context,
    _: Seller,
    author: Author,
    Path(payment): Path<PaymentId>,
    key: IdempotencyKey,
    State(till): State<Till>,
    body: JsonBody<RefundPayment>,
) -> Result<Answer, Problem> {
    let claim = Claim::new(author.user, &key, body.digest);
    let draft = parse(body.value, payment, author, &key)?;
    once_for(&till.db, &claim, till.refund(&context, &claim, draft)).await
}

fn parse(
    body: RefundPayment,
    payment: PaymentId,
    author: Author,
    key: &IdempotencyKey,
) -> Result<Draft, Problem> {
    let mut invalid = Invalid::new();
    let wanted = match (body.lines, body.amount) {
        (Some(lines), None) => Wanted::Lines {
            lines: parse_lines(lines.into_vec(), &mut invalid),
            shipping: body.shipping,
        },
        (None, None) if body.shipping => Wanted::Lines {
            lines: Vec::new(),
            shipping: true,
        },
        (None, Some(amount)) => {
            if body.shipping {
                let text = Text::new(
                    "Un montant ne rend pas le port : donnez shipping seul ou avec des lignes",
                    "An amount gives no shipping back: give shipping alone or with lines",
                );
                invalid.refuse("/shipping", text);
            }
            let more_than_nothing = PositiveMoney::new(amount).map_err(|error| error.text());
            invalid.check("/amount/amount", more_than_nothing);
            if body.restock {
                let text = Text::new(
                    "Un montant ne remet rien en stock : donnez les lignes",
                    "An amount puts nothing back into stock: give the lines",
                );
                invalid.refuse("/restock", text);
            }
            Wanted::Amount(amount)
        }
        (None, None) => Wanted::Everything,
        (Some(_), Some(_)) => {
            let text = Text::new(
                "Donnez soit des lignes, soit un montant",
                "Give either lines or an amount",
            );
            invalid.refuse("/amount", text);
            Wanted::Everything
        }
    };
    let reason = invalid.check("/reason", Prose::<500>::parse_required(&body.reason));
    let reason = reason.map(|reason| reason.as_str().to_owned());
    invalid.finish()?;
    Ok(Draft {
        id: refund::derive_id(author.user, key.as_str()),
        payment,
        wanted,
        reason: reason.unwrap_or_default(),
        restock: body.restock,
        author,
    })
}

fn parse_lines(lines: Vec<RefundedLine>, invalid: &mut Invalid) -> Vec<Pieces> {
    if lines.is_empty() {
        let text = Text::new("Au moins une ligne", "At least one line");
        invalid.refuse("/lines", text);
    }
    let mut parsed: Vec<Pieces> = Vec::with_capacity(lines.len());
    let mut named = HashSet::with_capacity(lines.len());
    for (position, RefundedLine { item_id, quantity }) in lines.into_iter().enumerate() {
        let pointer = format!("/lines/{position}/quantity");
        let quantity = Quantity::new(quantity).map_err(|error| error.text());
        if !named.insert(item_id) {
            let text = Text::new("Cet article est déjà nommé", "This item is named already");
            invalid.refuse(format!("/lines/{position}/item_id"), text);
        }
        if let Some(quantity) = invalid.check(&pointer, quantity) {
            parsed.push(Pieces { item_id, quantity });
        }
    }
    parsed
}

/// Notes that the money of a refund was sent back by hand (`by_hand`): only then is it counted and credited. By the
/// seller of everything in the order, or an admin.
#[utoipa::path(post, path = "/api/payments/{id}/refunds/{refund_id}/confirm", tag = "payments",
    security(("bearer" = [])),
    params(("id" = PaymentId, Path), ("refund_id" = RefundId, Path),
        ("If-Match" = Option<String>, Header, description = "Of the payment")),
    responses((status = 200, body = RefundView),
        (status = 409, description = "`refund-not-offline`: only its provider confirms it"),
        Refusals))]
pub async fn confirm(
    context: Context,
    _: Seller,
    author: Author,
    Path((payment, refund)): Path<(PaymentId, RefundId)>,
    condition: Condition,
    State(till): State<Till>,
) -> Result<Resource<RefundView>, Problem> {
    let (payment, refund) = till
        .confirm_refund(&context, &author, (payment, refund), &condition)
        .await?;
    Ok(Resource {
        version: payment.version,
        body: RefundView::from(payment.whole_refund(&refund)),
    })
}

/// The refunds of a payment, from the oldest.
#[utoipa::path(get, path = "/api/payments/{id}/refunds", tag = "payments",
    security(("bearer" = [])), params(("id" = PaymentId, Path), PageQuery),
    responses((status = 200, body = ListBody<RefundView>), Refusals))]
pub async fn list(
    caller: Caller,
    Path(id): Path<PaymentId>,
    page: Page<u64>,
    State(till): State<Till>,
) -> Result<List<RefundView>, Problem> {
    let (payment, sight) = find(&till.db, id, caller).await?;
    let mut found = refunds::list(&till.db, &[id]).await?;
    found.retain(|refund| page.after.is_none_or(|after| refund.number > after));
    let list = page.list(found, |refund| refund.number);
    let list = list.try_map(|refund| {
        let seen = payment.seen_refund(&refund, sight);
        let seen = seen.map_err(Problem::internal)?;
        Ok::<_, Problem>(seen.map(RefundView::from))
    })?;
    Ok(list.filter_map(|view| view))
}

/// The refunds whose money somebody has still to send back by hand (`by_hand`), from the newest: of payments that the
/// caller alone sold, or of all for an admin.
#[utoipa::path(get, path = "/api/refunds/by-hand", tag = "payments",
    security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = ListBody<RefundView>), Refusals))]
pub async fn list_by_hand(
    Seller(caller): Seller,
    page: Page<u64>,
    State(till): State<Till>,
) -> Result<List<RefundView>, Problem> {
    let seller = (caller.role == Role::Seller).then_some(caller.user);
    let found = refunds::list_by_hand(&till.db, seller, page.after, page.rows()).await?;
    let ids: Vec<PaymentId> = found.iter().map(|refund| refund.payment_id).collect();
    let payments = payments::list_all(&till.db, &ids).await?;
    let list = page.list(found, |refund| refund.number);
    // A payment is not removed.
    Ok(list.filter_map(|refund| {
        let payment = payments.iter().find(|it| it.id == refund.payment_id)?;
        Some(RefundView::from(payment.whole_refund(&refund)))
    }))
}
