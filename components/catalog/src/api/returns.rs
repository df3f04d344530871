//! Goods that come back of a sale, for the service that knows of refunds.

use axum::extract::State;
use commerce::{BoundedList, OrderId, RefundId, Text};
use http::StatusCode;
use serde::Deserialize;
use service::{Context, Invalid, JsonBody, Path, Problem, ServiceToken};

use super::reservations::{MAX_LINES, WantedLine, check_lines};
use crate::reservation::Wanted;
use crate::warehouse::{ReturnError, Warehouse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    order_id: OrderId,
    /// Each item once.
    lines: BoundedList<WantedLine, MAX_LINES>,
}

/// `PUT /internal/returns/{refund_id}`: what was sold is stock again; once for each refund.
pub async fn take_back(
    _: ServiceToken,
    Path(refund): Path<RefundId>,
    context: Context,
    State(warehouse): State<Warehouse>,
    body: JsonBody<Return>,
) -> Result<StatusCode, Problem> {
    let (order, lines) = parse(body.value)?;
    warehouse.take_back(&context, refund, order, &lines).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(body: Return) -> Result<(OrderId, Vec<Wanted>), Problem> {
    let mut invalid = Invalid::new();
    check_lines(&mut invalid, &body.lines);
    invalid.finish()?;
    let lines = body.lines.into_iter().map(Wanted::from).collect();
    Ok((body.order_id, lines))
}

impl From<ReturnError> for Problem {
    fn from(error: ReturnError) -> Self {
        match error {
            ReturnError::NotSold => Problem::conflict(
                "not-sold",
                Text::new(
                    "Il en revient plus que vendu",
                    "More comes back than was sold",
                ),
            ),
            ReturnError::Database(error) => error.into(),
        }
    }
}
