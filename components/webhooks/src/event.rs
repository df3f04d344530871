//! What merchants may be told of, and the form in which they are.

use commerce::{EventId, Text, Timestamp, WebhookId};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use service::outbox::Event;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Every type of event that a webhook may ask for.
const EVENT_TYPES: [&str; 12] = [
    "order.placed",
    "order.paid",
    "order.preparing",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.expired",
    "order.refunded",
    "order.disputed",
    "order.dispute_closed",
    "stock.low",
    "payment.failed",
];

/// What is sent to try a webhook; nobody asks for it.
const TEST: &str = "webhook.test";

/// One of the types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventType(&'static str);

impl PartialSchema for EventType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What a webhook may be told of."))
            .enum_values(Some(EVENT_TYPES))
            .examples(["order.paid"])
            .into()
    }
}

impl ToSchema for EventType {}

impl EventType {
    /// The type of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        EVENT_TYPES
            .into_iter()
            .find(|known| *known == name)
            .map(Self)
    }

    pub fn name(self) -> &'static str {
        self.0
    }

    /// What is wrong with a name that is none.
    pub fn unknown() -> Text {
        Text::new(
            format!("L’un de : {}", EVENT_TYPES.join(", ")),
            format!("One of: {}", EVENT_TYPES.join(", ")),
        )
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// An event as it is kept: with the body that everybody is sent.
#[derive(Clone, Debug)]
pub struct Telling {
    pub id: EventId,
    pub kind: &'static str,
    /// Later events of the same aggregate wait for this one.
    pub aggregate_id: Uuid,
    pub body: String,
}

impl Telling {
    /// What a service has told, unless merchants are not told of such.
    pub fn of(event: &Event) -> Option<Self> {
        let kind = EventType::parse(&event.kind)?.name();
        Some(Self {
            id: event.id,
            kind,
            aggregate_id: event.aggregate_id,
            body: body(kind, event.occurred_at, &event.data),
        })
    }

    /// A try of this webhook. It is an aggregate of its own, so that it waits for nothing.
    pub fn test(id: EventId, webhook: WebhookId, now: Timestamp) -> Self {
        Self {
            id,
            kind: TEST,
            aggregate_id: id.as_uuid(),
            body: body(TEST, now, &json!({ "webhook_id": webhook })),
        }
    }

    /// Its type, if it is one that webhooks ask for.
    pub fn event_type(&self) -> Option<EventType> {
        EventType::parse(self.kind)
    }
}

/// The payload that Standard Webhooks recommends.
fn body(kind: &str, occurred_at: Timestamp, data: &Value) -> String {
    json!({ "type": kind, "timestamp": occurred_at, "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_with_its_type_its_time_and_its_data() {
        let event = Event {
            id: EventId::from_bytes([1; 16]),
            kind: "order.paid".into(),
            aggregate_id: Uuid::from_bytes([2; 16]),
            occurred_at: Timestamp::from_unix_ms(1_795_253_400_123),
            data: json!({ "name": "Zoé" }),
        };
        let telling = Telling::of(&event).unwrap();
        assert_eq!(telling.kind, "order.paid");
        assert_eq!(
            serde_json::from_str::<Value>(&telling.body).unwrap(),
            json!({
                "type": "order.paid",
                "timestamp": "2026-11-21T09:30:00.123Z",
                "data": { "name": "Zoé" },
            })
        );
    }

    #[test]
    fn an_event_of_another_kind_is_nobodys() {
        for kind in ["order.marked_paid", "webhook.test", ""] {
            assert_eq!(EventType::parse(kind), None, "{kind}");
        }
    }
}
