//! Placing an order: reserve, write down, and – where the order is refused after all – give back.
//!
//! Wherever it stops, nothing is lost: a reservation without an order runs out by itself, an order is
//! written with its reservation standing, and the same request again meets its own reservation and its
//! own row, because the order's id is derived from the client and the key.

mod refusals;

use commerce::{Address, Language, Money, OrderId, Text, Timestamp, UserId};
use db::Tx;
use invoice::Company;
use service::idempotency::{Answer, Claim};
use service::{Author, Context, Deed, Problem, clock};

use crate::cart::CartClaim;
use crate::catalog::{Reservation, Wanted, into_lines};
use crate::checkout::{Checkout, check_out, too_much};
use crate::desk::Desk;
use crate::destination::Destination;
use crate::discount::Code;
use crate::domain::order_view::OrderView;
use crate::domain::unpaid::Network;
use crate::history::{self, Happening, Kind};
use crate::life::Life;
use crate::merchant::{self, Merchants};
use crate::order::{Line, Order, OrderBody};
use crate::pay_free_order::pay_free_order;
use crate::placing::refusals::{cart_changed, cart_ordered, total_differs};
use crate::store::{discounts, merchants, orders, unpaid};

/// The version of an order that is not written yet.
const NO_ORDER: u32 = 0;

/// Where the lines of an order come from.
pub enum Source {
    Items(Vec<Wanted>),
    Cart,
}

/// What a client asks for, parsed.
pub struct Draft {
    pub id: OrderId,
    pub client: UserId,
    pub source: Source,
    pub shipping_address: Address,
    pub billing_address: Address,
    pub destination: Destination,
    pub email: String,
    /// The language that the client asked for.
    pub language: Option<Language>,
    pub company: Option<Company>,
    pub discount_code: Option<Code>,
    /// What the client was shown.
    pub expected_total: Option<Money>,
    /// From where the client asks.
    pub network: Network,
}

impl Desk {
    /// Places the order and stores its answer under the claim; a cart that was ordered is emptied.
    pub async fn place(
        &self,
        context: &Context,
        author: &Author,
        claim: &Claim,
        draft: Draft,
    ) -> Result<Answer, Problem> {
        match &draft.source {
            Source::Items(wanted) => self.reserve(context, author, claim, &draft, wanted).await,
            Source::Cart => self.place_cart(context, author, claim, &draft).await,
        }
    }

    /// Orders what is in the cart, which is claimed for the order before anything is reserved. An order that is
    /// refused gives the cart back; of one whose outcome is not known the cart stays claimed, and the next that
    /// asks for it finds out.
    async fn place_cart(
        &self,
        context: &Context,
        author: &Author,
        claim: &Claim,
        draft: &Draft,
    ) -> Result<Answer, Problem> {
        let wanted = self.claim_cart(context, draft).await?;
        let outcome = self.reserve(context, author, claim, draft, &wanted).await;
        match &outcome {
            Ok(_) => self.settle_cart(context, draft.client, draft.id).await,
            Err(problem) if is_known(problem) => {
                let given_back = self.carts.give_back(context, draft.client, draft.id).await;
                if let Err(error) = given_back {
                    let message = "a cart stays claimed until it is ordered again";
                    service::warn(context, message, &error);
                }
            }
            Err(_) => {}
        }
        outcome
    }

    /// What is in the cart, which no other order can have from now on.
    async fn claim_cart(&self, context: &Context, draft: &Draft) -> Result<Vec<Wanted>, Problem> {
        let (client, order) = (draft.client, draft.id);
        let holder = match self.carts.claim(context, client, order, None).await? {
            CartClaim::Claimed(wanted) => return some_lines(wanted),
            CartClaim::Ordered(before) => return Err(cart_ordered(before)),
            CartClaim::Held { by, since_ms } => (by, since_ms),
        };
        match holder {
            // Somebody stopped between writing the order and taking it off the cart.
            (by, _) if orders::find(&self.db, by).await?.is_some() => {
                self.settle_cart(context, client, by).await;
                Err(cart_ordered(by))
            }
            // Somebody stopped before: no request goes on for so long.
            (by, since_ms) if since_ms > CLAIM_MS => {
                match self.carts.claim(context, client, order, Some(by)).await? {
                    CartClaim::Claimed(wanted) => some_lines(wanted),
                    CartClaim::Ordered(before) => Err(cart_ordered(before)),
                    CartClaim::Held { .. } => Err(cart_changed()),
                }
            }
            _ => Err(cart_changed()),
        }
    }

    /// Takes what was ordered off the cart, once; what was added meanwhile stays.
    pub async fn settle_cart(&self, context: &Context, client: UserId, order: OrderId) {
        if let Err(error) = self.carts.settle(context, client, order).await {
            let message = "a cart that was ordered is emptied when it is next ordered";
            service::warn(context, message, &error);
        }
    }

    /// What an order would come to; nothing is reserved, and no use of a code is counted.
    pub async fn quote(
        &self,
        context: &Context,
        client: UserId,
        source: Source,
        code: Option<Code>,
        destination: Option<Destination>,
    ) -> Result<Checkout, Problem> {
        let wanted = match source {
            Source::Items(wanted) => wanted,
            Source::Cart => some_lines(self.carts.read(context, client).await?)?,
        };
        let offered = self.catalog.offer(context, &wanted).await?;
        let lines = into_lines(offered).map_err(|_| too_much())?;
        let sellers = lines.iter().map(|line| line.seller_id);
        let merchants = merchants::list(&self.db, &merchant::candidates(sellers)).await?;
        let now = clock::now();
        let offers = match code {
            Some(code) => {
                let sellers = lines.iter().map(|line| line.seller_id);
                let ids = merchant::candidates(sellers);
                Some(discounts::offers(&self.db, &code, &ids, client, now).await?)
            }
            None => None,
        };
        let to = destination.as_ref();
        Ok(check_out(lines, &merchants, to, offers.as_ref(), now)?)
    }

    async fn reserve(
        &self,
        context: &Context,
        author: &Author,
        claim: &Claim,
        draft: &Draft,
        wanted: &[Wanted],
    ) -> Result<Answer, Problem> {
        let units = wanted.iter().map(|line| line.quantity.get()).sum();
        self.check_held(draft, units).await?;
        let reservation = self
            .catalog
            .reserve(
                context,
                draft.id,
                draft.client,
                wanted,
                self.ttl.seconds(),
                NO_ORDER,
            )
            .await?;
        let outcome = self.write(author, claim, draft, reservation).await;
        let outcome = match outcome {
            Ok(Written::Answered(answer)) => return Ok(answer),
            Ok(Written::Free) => return pay_free_order(context, self, claim, draft.id).await,
            Err(problem) => Err(problem),
        };
        // A request that failed at the database cannot know whether a twin with the same key got through,
        // whose reservation this is too: it stands, and runs out if there is no order.
        if let Err(problem) = &outcome
            && problem.database_error().is_none()
            && let Err(error) = self.catalog.release(context, draft.id, NO_ORDER).await
        {
            let message = "a reservation without an order runs out by itself";
            service::warn(context, message, &error);
        }
        outcome
    }

    /// Refuses an order of who holds too much already, before any stock is set aside for it. The order of this
    /// very request, which was sent before, is no reason to.
    async fn check_held(&self, draft: &Draft, units: i64) -> Result<(), Problem> {
        let (limits, now) = (&self.unpaid, clock::now());
        let held = unpaid::find_held(&self.db, limits, draft.client, &draft.network, now).await?;
        if held.open.iter().any(|order| order.id == draft.id) {
            return Ok(());
        }
        Ok(limits.check(&held, units, now)?)
    }

    async fn write(
        &self,
        author: &Author,
        claim: &Claim,
        draft: &Draft,
        reservation: Reservation,
    ) -> Result<Written, Problem> {
        let expires_at = reservation.expires_at;
        let lines = into_lines(reservation.lines).map_err(|_| too_much())?;
        let sellers = lines.iter().map(|line| line.seller_id);
        let merchants = merchants::list(&self.db, &merchant::candidates(sellers)).await?;
        let written = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let made = self.make(&mut tx, draft, lines.clone(), &merchants, expires_at);
                let mut order = match made.await {
                    // A twin with the same key was first, and has used the code up, for instance: the order
                    // is there, and the reservation is its own.
                    Err(_) if orders::exists(&mut tx, draft.id).await? => return Err(twin()),
                    made => made?,
                };
                order.order_number = orders::insert(&mut tx, &order, &draft.network).await?;
                history::record(&mut tx, &order, placed(&order)).await?;
                if !order.used_codes().is_empty() {
                    discounts::count_uses(&mut tx, &order).await?;
                }
                let location = format!("/api/orders/{}", order.id);
                let deed = Deed::created("order.placed", &location, &order.gist());
                author.record(&mut tx, deed).await?;
                if order.life.is_free() {
                    // Its answer is stored by the transaction that pays it.
                    return Ok(Written::Free);
                }
                let version = order.version;
                let body = OrderBody::from(OrderView::whole(order));
                let answer = Answer::created(location, version, &body)?;
                claim.store(&mut tx, &answer).await?;
                Ok(Written::Answered(answer))
            }
            .await;
            tx.finish(outcome).await
        })
        .await;
        match written {
            // Written before by the same request, which ended before it was paid.
            Err(problem)
                if is_duplicate(&problem) && orders::is_free(&self.db, draft.id).await? =>
            {
                Ok(Written::Free)
            }
            written => written,
        }
    }

    /// The order as it will be written, but for its number.
    async fn make(
        &self,
        tx: &mut Tx,
        draft: &Draft,
        lines: Vec<Line>,
        merchants: &Merchants,
        expires_at: Timestamp,
    ) -> Result<Order, Problem> {
        let now = clock::now();
        let (limits, customer) = (&self.unpaid, draft.client);
        let held = unpaid::lock_held(tx, limits, customer, &draft.network, now).await?;
        let units = lines.iter().map(|line| line.quantity.get()).sum();
        limits.check(&held, units, now)?;
        let offers = match &draft.discount_code {
            Some(code) => {
                // Locked, because the order counts as a use.
                let ids = merchant::candidates(lines.iter().map(|line| line.seller_id));
                Some(discounts::lock_offers(tx, code, &ids, customer, now).await?)
            }
            None => None,
        };
        let to = Some(&draft.destination);
        let checkout = check_out(lines, merchants, to, offers.as_ref(), now)?;
        let totals = checkout.totals;
        if let Some(expected) = draft.expected_total.filter(|total| *total != totals.gross) {
            return Err(total_differs(expected, totals.gross));
        }
        Ok(Order {
            id: draft.id,
            order_number: 0,
            client_id: draft.client,
            life: Life::new(totals.gross),
            lines: checkout.lines,
            sales: checkout.sales,
            totals,
            shipping_address: draft.shipping_address.clone(),
            billing_address: draft.billing_address.clone(),
            email: draft.email.clone(),
            language: draft.language.unwrap_or(checkout.language),
            company: draft.company.clone(),
            expires_at,
            paid_at: None,
            paid_by: None,
            begun_offline: None,
            processing: None,
            payment: None,
            dispute: None,
            shipment: None,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}

/// What writing an order has come to.
enum Written {
    Answered(Answer),
    /// It costs nothing, and is to be paid with nothing.
    Free,
}

fn is_duplicate(problem: &Problem) -> bool {
    matches!(problem.database_error(), Some(db::Error::Duplicate { .. }))
}

fn placed(order: &Order) -> Happening<'static> {
    Happening {
        kind: Kind::Placed,
        actor: Some(order.client_id),
        reason: None,
        payment: None,
    }
}

/// How long a request may be on its way that has claimed a cart, with what goes on after its answer.
const CLAIM_MS: i64 = 60_000;

/// Whether an order that was refused is known not to be there. Where a peer did not answer it is not: another
/// request with the same key may be writing it at this moment.
fn is_known(problem: &Problem) -> bool {
    problem.status().is_client_error() && problem.database_error().is_none()
}

fn some_lines(wanted: Vec<Wanted>) -> Result<Vec<Wanted>, Problem> {
    if wanted.is_empty() {
        return Err(Problem::conflict(
            "cart-empty",
            Text::new("Le panier est vide", "The cart is empty"),
        ));
    }
    Ok(wanted)
}

/// What writing the order would have met.
fn twin() -> Problem {
    let key = "PRIMARY".to_owned();
    db::Error::Duplicate { key }.into()
}
