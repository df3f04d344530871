//! Instants in GraphQL.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use commerce::Timestamp;

/// An instant in UTC as RFC 3339 writes it, such as `2026-11-21T09:30:00.123Z`.
#[derive(Clone, Copy, Debug)]
pub struct DateTime(pub Timestamp);

#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let json = value.into_json().map_err(InputValueError::custom)?;
        serde_json::from_value(json)
            .map(Self)
            .map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
