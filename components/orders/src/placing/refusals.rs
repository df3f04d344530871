//! Why an order is not placed that might have been a moment ago.

use commerce::{Money, OrderId, Text};
use serde_json::json;
use service::Problem;

pub fn cart_changed() -> Problem {
    Problem::conflict(
        "cart-changed",
        Text::new(
            "Le panier est en train d’être commandé",
            "The cart is being ordered",
        ),
    )
}

pub fn cart_ordered(order: OrderId) -> Problem {
    Problem::conflict(
        "cart-changed",
        Text::new("Le panier a été commandé", "The cart has been ordered"),
    )
    .with("order_id", order.to_string())
}

pub fn total_differs(expected: Money, actual: Money) -> Problem {
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
    .with("expected_total", json!(expected))
    .with("actual_total", json!(actual))
}
