//! Placing an order: reserve, write down, and – where the order is refused after all – give back.
//!
//! Wherever it stops, nothing is lost: a reservation without an order runs out by itself, an order is
//! written with its reservation standing, and the same request again meets its own reservation and its
//! own row, because the order's id is derived from the client and the key.

use commerce::{Address, Language, Money, OrderId, Text, Timestamp, UserId};
use db::Tx;
use invoice::Company;
use service::idempotency::{Answer, Claim};
use service::{Author, Context, Deed, Problem, clock};

use crate::catalog::{Reservation, Wanted, into_lines};
use crate::checkout::{Checkout, check_out, too_much};
use crate::desk::Desk;
use crate::destination::Destination;
use crate::discount::{Code, Discount, Refusal};
use crate::history::{self, Happening, Kind};
use crate::life::Life;
use crate::merchant::{self, Merchants};
use crate::order::{Line, Order};
use crate::pay_free_order::pay_free_order;
use crate::store::{discounts, merchants, orders};

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
    /// Where it goes, as VAT sees it.
    pub destination: Destination,
    pub email: String,
    /// The language that the client asked for.
    pub language: Option<Language>,
    pub company: Option<Company>,
    pub discount_code: Option<Code>,
    /// What the client was shown; another total is refused.
    pub expected_total: Option<Money>,
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
        let client = draft.client;
        match &draft.source {
            Source::Items(wanted) => self.reserve(context, author, claim, &draft, wanted).await,
            Source::Cart => {
                let cart = self.carts.read(context, client).await?;
                let version = cart.version;
                let wanted = some_lines(cart.into_wanted())?;
                let answer = self
                    .reserve(context, author, claim, &draft, &wanted)
                    .await?;
                if let Err(error) = self.carts.clear(context, client, version).await {
                    service::warn(
                        context,
                        "the cart of a placed order was not emptied",
                        &error,
                    );
                }
                Ok(answer)
            }
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
            Source::Cart => some_lines(self.carts.read(context, client).await?.into_wanted())?,
        };
        let offered = self.catalog.offer(context, &wanted).await?;
        let lines = into_lines(offered).map_err(|_| too_much())?;
        let sellers = lines.iter().map(|line| line.seller_id);
        let merchants = merchants::list(&self.db, &merchant::candidates(sellers)).await?;
        let discount = match code {
            Some(code) => {
                let found = discounts::find(&self.db, &code).await?;
                Some(found.ok_or(Refusal::Unknown)?)
            }
            None => None,
        };
        let now = clock::now();
        let to = destination.as_ref();
        Ok(check_out(lines, &merchants, to, discount.as_ref(), now)?)
    }

    async fn reserve(
        &self,
        context: &Context,
        author: &Author,
        claim: &Claim,
        draft: &Draft,
        wanted: &[Wanted],
    ) -> Result<Answer, Problem> {
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
                let made = make(&mut tx, draft, lines.clone(), &merchants, expires_at).await;
                let mut order = match made {
                    // A twin with the same key was first, and has used the code up, for instance: the order
                    // is there, and the reservation is its own.
                    Err(_) if orders::exists(&mut tx, draft.id).await? => return Err(twin()),
                    made => made?,
                };
                order.order_number = orders::insert(&mut tx, &order).await?;
                history::record(&mut tx, &order, placed(&order)).await?;
                if let Some(code) = order.discount_code() {
                    discounts::count_use(&mut tx, code).await?;
                }
                let location = format!("/api/orders/{}", order.id);
                let deed = Deed::created("order.placed", &location, &order.gist());
                author.record(&mut tx, deed).await?;
                if order.life.is_free() {
                    // Its answer is stored by the transaction that pays it.
                    return Ok(Written::Free);
                }
                let answer = Answer::created(location, order.version, &order)?;
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

/// Locked, because the order that it is for counts as a use.
async fn lock_discount(tx: &mut Tx, code: &Code) -> Result<Discount, Problem> {
    let found = discounts::lock(tx, code).await?;
    found.ok_or_else(|| Refusal::Unknown.into())
}

/// The order as it will be written, but for its number.
async fn make(
    tx: &mut Tx,
    draft: &Draft,
    lines: Vec<Line>,
    merchants: &Merchants,
    expires_at: Timestamp,
) -> Result<Order, Problem> {
    let now = clock::now();
    let discount = match &draft.discount_code {
        Some(code) => Some(lock_discount(tx, code).await?),
        None => None,
    };
    let to = Some(&draft.destination);
    let checkout = check_out(lines, merchants, to, discount.as_ref(), now)?;
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
        payment: None,
        dispute: None,
        shipment: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn total_differs(expected: Money, actual: Money) -> Problem {
    Problem::conflict(
        "total-differs",
        Text::new("Le total a changé", "The total has changed"),
    )
    .detail(
        format!(
            "Attendu {}, désormais {}",
            expected.format_fr(),
            actual.format_fr()
        ),
        format!(
            "Expected {}, now {}",
            expected.format_en(),
            actual.format_en()
        ),
    )
    .with("expected_total", serde_json::json!(expected))
    .with("actual_total", serde_json::json!(actual))
}
