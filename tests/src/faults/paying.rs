//! A client at the till: asks the shop for a payment, and then does at the provider what a browser does.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;

use super::courier::Errand;
use super::seller::Parcel;
use super::shopper::Placed;
use super::world::{Somebody, World};
use crate::stripe::{BAD_CARD, GOOD_CARD};

/// How often a client asks again for something that takes its time.
const LOOKS: usize = 12;
const LOOK: Duration = Duration::from_millis(500);

/// A payment that the shop expects.
#[derive(Clone, Debug)]
struct Payment {
    id: String,
    secret: String,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoPayment {
    /// The order has one.
    Exists,
    Refused,
}

/// Pays with a card: at once, in the second try, too late, or in the end not at all.
pub async fn by_card(world: &World, me: &Somebody, order: &Placed, luck: &mut Rng) {
    let Ok(payment) = create(world, me, order, "stripe", luck).await else {
        return;
    };
    let Some(payment) = with_secret(world, me, payment, luck).await else {
        return;
    };
    let paid = match luck.u64(..100) {
        0..8 => {
            world.report.count("payments begun and abandoned");
            false
        }
        8..24 => pay_second(world, me, order, &payment, luck).await,
        24..29 => {
            // About when the reservation ends, before or after it.
            world
                .rest(Duration::from_millis(luck.u64(17_000..23_000)))
                .await;
            world.report.count("payments by card made late");
            pay(world, &payment, GOOD_CARD).await
        }
        _ => pay(world, &payment, GOOD_CARD).await,
    };
    if paid {
        world.hand_over(Parcel::Card(order.clone()), luck);
    }
}

/// Promises a transfer, which somebody of the staff confirms.
pub async fn by_transfer(world: &World, me: &Somebody, order: &Placed, luck: &mut Rng) {
    if let Ok(payment) = create(world, me, order, "offline", luck).await {
        world.report.count("payments by transfer");
        let parcel = Parcel::Transfer(order.clone(), payment.id);
        world.hand_over(parcel, luck);
    }
}

async fn create(
    world: &World,
    me: &Somebody,
    order: &Placed,
    provider: &str,
    luck: &mut Rng,
) -> Result<Payment, NoPayment> {
    let body = json!({ "order_id": order.id, "provider": provider });
    let errand = Errand::post("/api/payments", body, luck);
    let reply = world.ask(me, &errand, luck).await;
    let reply = reply.ok_or(NoPayment::Refused)?;
    match (reply.status, reply.code.as_str()) {
        (201, _) if reply.amount("/amount/amount") == order.total => {
            let id = reply.text("/id").to_owned();
            world.report.count("payments answered 201");
            world.ledger.payment(&id, &order.id);
            let secret = reply.text("/client_secret").to_owned();
            Ok(Payment { id, secret })
        }
        (409, "payment-exists") => Err(NoPayment::Exists),
        (409, "order-paid" | "order-expired" | "order-cancelled") => {
            world
                .report
                .count("payments refused, too late for the order");
            Err(NoPayment::Refused)
        }
        _ => {
            world.surprised(&errand, &reply);
            Err(NoPayment::Refused)
        }
    }
}

/// Waits for what the browser needs, which comes later where the provider did not answer.
async fn with_secret(
    world: &World,
    me: &Somebody,
    mut payment: Payment,
    luck: &mut Rng,
) -> Option<Payment> {
    for _ in 0..LOOKS {
        if !payment.secret.is_empty() {
            return Some(payment);
        }
        world.report.count("looks for a payment's secret");
        tokio::time::sleep(LOOK).await;
        let errand = Errand::get(format!("/api/payments/{}", payment.id));
        let reply = world.ask(me, &errand, luck).await?;
        if reply.status != 200 {
            world.surprised(&errand, &reply);
        }
        payment.secret = reply.text("/client_secret").to_owned();
    }
    None
}

/// The first card is declined; with another one, in another payment, it works.
async fn pay_second(
    world: &World,
    me: &Somebody,
    order: &Placed,
    first: &Payment,
    luck: &mut Rng,
) -> bool {
    if pay(world, first, BAD_CARD).await {
        return true;
    }
    world.report.count("payments by card declined");
    for _ in 0..LOOKS {
        match create(world, me, order, "stripe", luck).await {
            Ok(payment) => {
                let payment = with_secret(world, me, payment, luck).await;
                return match payment {
                    Some(payment) => pay(world, &payment, GOOD_CARD).await,
                    None => false,
                };
            }
            // The provider has not told the shop yet.
            Err(NoPayment::Exists) => tokio::time::sleep(LOOK).await,
            Err(NoPayment::Refused) => return false,
        }
    }
    false
}

/// Whether the provider has taken the money.
async fn pay(world: &World, payment: &Payment, card: &str) -> bool {
    match world.stripe.pay(&payment.secret, card).await {
        Ok(_) => {
            world.report.count("payments by card");
            true
        }
        // Declined, or cancelled meanwhile.
        Err(_) => false,
    }
}
