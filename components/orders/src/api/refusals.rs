//! What several operations refuse with 409 or 429, as the OpenAPI document says it.

/// Why an order is not changed so: what `order-…` says is where it stands.
macro_rules! stages {
    ($more:literal) => {
        concat!(
            "where the order stands: `order-awaiting-payment`, `order-paid`, `order-preparing`, `order-shipped`, \
             `order-delivered`, `order-cancelled`, `order-refunded` or `order-expired`",
            $more
        )
    };
}

/// Why goods do not leave.
pub const SHIPPING: &str = stages!("; `order-disputed`: its payment is disputed at the provider");

/// Why it is not delivered.
pub const DELIVERY: &str = stages!("; `shop-not-set-up`: nobody has said who sells");

/// Why it is not to be paid after delivery.
pub const ON_TERMS: &str = stages!("; `order-of-a-consumer`: only companies pay after delivery");

/// Why its money is not noted.
pub const MARK_PAID: &str = stages!("; `shop-not-set-up`: nobody has said who sells");

/// Why an order is not cancelled so.
pub const CANCEL: &str = "where the order stands: `order-paid`, `order-preparing`, `order-shipped`, \
    `order-delivered`, `order-refunded` or `order-expired`; `order-disputed`: its payment is disputed at the provider; \
    `order-not-shipped`: with `restock: false`, and its stock comes back anyway";

/// Why nothing can be sold so.
pub const CHECKOUT: &str = "`cart-empty`: nothing is in the cart; \
    `items-unavailable`: `items` are no longer for sale; \
    `out-of-stock`: `items` says how much is left of which; \
    `discount-refused`: the code is not good for this; \
    `not-delivered-there`: the seller does not deliver to this address; \
    `company-abroad`: companies are delivered to in France and Monaco only; \
    `shop-not-set-up`: nobody has said who sells; \
    `total-too-large`";

/// The same, and what only orders meet.
pub const PLACING: &str = "`cart-empty`: nothing is in the cart; \
    `cart-changed`: the cart is not what it was, or is being ordered; \
    `total-differs`: `expected_total` is another than the total now; \
    `items-unavailable`: `items` are no longer for sale; \
    `out-of-stock`: `items` says how much is left of which; \
    `discount-refused`: the code is not good for this; \
    `not-delivered-there`: the seller does not deliver to this address; \
    `company-abroad`: companies are delivered to in France and Monaco only; \
    `too-many-unpaid-orders`, `too-many-unpaid-units`: pay or cancel open orders first; \
    `shop-not-set-up`: nobody has said who sells; \
    `total-too-large`";

/// Who has ordered much and paid little waits.
pub const UNPAID: &str = "`too-many-lapsed-orders`: too many orders of the client expired or were cancelled unpaid; \
    `too-many-unpaid-orders`: too many orders from this network await payment";

/// Why an order has no such document.
pub const INVOICES: &str = "`several-invoices`: `invoices` names them; \
    `order-not-invoiced`: it is not paid yet; \
    `order-cancelled`, `order-expired`: it ended unpaid; \
    `shop-not-set-up`: nobody has said who sells";
