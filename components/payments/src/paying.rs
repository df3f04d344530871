//! Making a payment: the row first, then the provider, then what it said.
//!
//! Wherever it stops, the same request again goes on from there: the payment's id is derived from the client
//! and the key, it is the provider's idempotency key, and the answer is stored by the transaction that
//! writes down what the provider said. Who does not ask again leaves a row that reconciling takes up.

use commerce::{Language, OrderId, PaymentId, Text, UserId};
use db::Db;
use service::idempotency::{Answer, Claim};
use service::outbox::Outbox;
use service::settings::SettingError;
use service::{Author, Caller, Condition, Context, Deed, Peer, Problem, Role, Settings, clock};

use crate::api::view::{Instructions, Moves, PaymentView};
use crate::domain::payment_view::Sight;
use crate::events;
use crate::orders::{self, Order, Orders};
use crate::payment::{Payment, Provider, Status};
use crate::provider::Providers;
use crate::recording::{self, next_check};
use crate::store::payments;

/// What paying and refunding work with.
#[derive(Clone)]
pub struct Till {
    pub db: Db,
    pub orders: Orders,
    pub providers: Providers,
    pub instructions: Instructions,
    pub outbox: Outbox,
}

/// What a client asks for, parsed.
pub struct Draft {
    pub id: PaymentId,
    pub client: UserId,
    pub order: OrderId,
    /// The shop's usual one, if the client does not say.
    pub provider: Option<Provider>,
}

impl Till {
    /// `orders` is the orders service.
    pub async fn from_settings(
        settings: &Settings,
        db: &Db,
        orders: &Peer,
        outbox: &Outbox,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            db: db.clone(),
            orders: Orders::new(orders.clone()),
            providers: Providers::from_settings(settings).await?,
            instructions: Instructions::from_settings(settings).await?,
            outbox: outbox.clone(),
        })
    }

    /// Tells the orders service what has become of a payment before whoever changed it has the answer: they look
    /// at the order next.
    pub async fn tell_orders_now(&self, context: &Context, payment: PaymentId) {
        let outbox = &self.outbox;
        outbox
            .deliver_now(context, events::ORDERS, payment.as_uuid())
            .await;
    }

    /// Makes the payment and stores its answer under the claim.
    pub async fn pay(
        &self,
        context: &Context,
        author: &Author,
        claim: &Claim,
        draft: Draft,
    ) -> Result<Answer, Problem> {
        let payment = match payments::find(&self.db, draft.id).await? {
            Some(known) => of_same_order(known, &draft)?,
            None => self.begin(context, author, &draft).await?,
        };
        if payment.status == Status::Pending {
            let account = self.providers.account(payment.provider)?;
            let report = account.create(&payment).await?;
            recording::record(context, &self.db, payment.id, &report).await?;
        }
        let answer = self.answer(claim, payment.id, context.language).await?;
        self.tell_orders_now(context, payment.id).await;
        Ok(answer)
    }

    /// Writes the row that holds the order's one place.
    async fn begin(
        &self,
        context: &Context,
        author: &Author,
        draft: &Draft,
    ) -> Result<Payment, Problem> {
        let provider = draft.provider.unwrap_or(self.providers.usual());
        self.providers.account(provider)?;
        let order = self.orders.find(context, draft.order).await?;
        let order = order.filter(|order| order.client_id == draft.client);
        let order = order.ok_or_else(Problem::not_found)?;
        order.check_payable()?;
        self.cancel_failed(context, draft.order).await?;
        // Nothing is held for a payment that is refused.
        if let Some(live) = payments::find_live(&self.db, draft.order).await?
            && live != draft.id
        {
            return Err(payment_exists(Some(live)));
        }
        if provider == Provider::Offline {
            let (orders, payment) = (&self.orders, draft.id);
            orders
                .hold_for_transfer(context, draft.order, payment)
                .await?;
        }
        let payment = new_payment(draft, provider, order);
        let inserted = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let inserted = async {
                payments::insert(&mut tx, &payment).await?;
                let path = payment.path();
                let deed = Deed::created("payment.created", &path, &payment.gist());
                author.record(&mut tx, deed).await
            }
            .await;
            tx.finish(inserted).await
        });
        match inserted.await {
            Ok(()) => Ok(payment),
            // Of a twin with the same key, which is this one, or of another payment.
            Err(db::Error::Duplicate { .. }) => match payments::find(&self.db, draft.id).await? {
                Some(twin) => of_same_order(twin, draft),
                None => Err(self.payment_exists(draft.order).await?),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Earlier tries that failed could still be paid: they are cancelled first, or found to be paid.
    async fn cancel_failed(&self, context: &Context, order: OrderId) -> Result<(), Problem> {
        let earlier = payments::list(&self.db, order, None, i64::MAX).await?;
        let failed = earlier.iter().filter(|p| p.status == Status::Failed);
        for payment in failed {
            let account = self.providers.account(payment.provider)?;
            let report = account.cancel(payment).await?;
            let payment = recording::record(context, &self.db, payment.id, &report).await?;
            match payment.status {
                Status::Cancelled => {}
                Status::Succeeded => return Err(orders::order_paid()),
                _ => return Err(payment_exists(Some(payment.id))),
            }
        }
        Ok(())
    }

    async fn payment_exists(&self, order: OrderId) -> db::Result<Problem> {
        Ok(payment_exists(payments::find_live(&self.db, order).await?))
    }

    async fn answer(
        &self,
        claim: &Claim,
        id: PaymentId,
        language: Language,
    ) -> Result<Answer, Problem> {
        let moves = Moves::read(&self.db, &[id]).await?;
        db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = payments::lock(&mut tx, id).await?;
                let payment = found.ok_or_else(Problem::not_found)?;
                let location = format!("/api/payments/{id}");
                let (payer, words) = (Sight::Payer, &self.instructions);
                let view = PaymentView::of(&payment, &moves, payer, words, language);
                let view = view.map_err(Problem::internal)?;
                let answer = Answer::created(location, payment.version, &view)?;
                claim.store(&mut tx, &answer).await?;
                Ok(answer)
            }
            .await;
            tx.finish(outcome).await
        })
        .await
    }

    /// Notes that a transfer or cash has arrived, once, also for an order that has ended: the orders service
    /// decides whether the money pays it or goes back. The payment as it is then.
    pub async fn confirm(
        &self,
        context: &Context,
        (id, condition): (PaymentId, &Condition),
        author: &Author,
    ) -> Result<Payment, Problem> {
        let confirmed: Payment = db::retry(|| async {
            let mut tx = self.db.begin().await?;
            let outcome = async {
                let found = payments::lock(&mut tx, id).await?;
                let mut payment = found.ok_or_else(Problem::not_found)?;
                check_confirmable(&payment, author.caller())?;
                condition.check(payment.version)?;
                let before = payment.gist();
                let report = crate::payment::Report::of(Status::Succeeded);
                recording::take_report(context, &mut tx, &mut payment, report).await?;
                let (path, after) = (payment.path(), payment.gist());
                let deed = Deed::changed("payment.confirmed", &path, &before, &after);
                author.record(&mut tx, deed).await?;
                Ok::<_, Problem>(payment)
            }
            .await;
            tx.finish(outcome).await
        })
        .await?;
        self.tell_orders_now(context, id).await;
        // With the refund that it is given back by, if the order could not take it.
        Ok(payments::find(&self.db, id).await?.unwrap_or(confirmed))
    }
}

fn new_payment(draft: &Draft, provider: Provider, order: Order) -> Payment {
    let now = clock::now();
    let goods = order.goods.into();
    let (id, client) = (draft.id, draft.client);
    let mut payment = Payment::new(id, draft.order, client, provider, order.total, goods, now);
    payment.check_at = next_check(&payment, now);
    payment
}

/// The same key may be used for the same order only.
fn of_same_order(payment: Payment, draft: &Draft) -> Result<Payment, Problem> {
    let provider = draft.provider.unwrap_or(payment.provider);
    if payment.order_id == draft.order && payment.provider == provider {
        Ok(payment)
    } else {
        Err(Problem::idempotency_key_reused())
    }
}

fn check_confirmable(payment: &Payment, caller: Caller) -> Result<(), Problem> {
    check_seller(payment, caller)?;
    if payment.provider != Provider::Offline {
        return Err(Problem::conflict(
            "payment-not-offline",
            Text::new(
                "Seul le prestataire confirme ce paiement",
                "Only its provider confirms this payment",
            ),
        ));
    }
    Ok(())
}

/// Money that moves outside any provider is the word of the seller of everything in it, or of an admin.
pub fn check_seller(payment: &Payment, caller: Caller) -> Result<(), Problem> {
    match caller.role {
        Role::Admin => Ok(()),
        _ if payment.is_all_from(caller.user) => Ok(()),
        _ if payment.has_lines_of(caller.user) => Err(Problem::forbidden().detail(
            "Cette commande a aussi d’autres vendeurs : un administrateur confirme son paiement",
            "This order has other sellers too: an admin confirms its payment",
        )),
        _ => Err(Problem::not_found()),
    }
}

fn payment_exists(id: Option<PaymentId>) -> Problem {
    let problem = Problem::conflict(
        "payment-exists",
        Text::new(
            "La commande a déjà un paiement",
            "The order has a payment already",
        ),
    );
    match id {
        Some(id) => problem.with("payment_id", id.to_string()),
        None => problem,
    }
}
