//! An event on its way to one webhook: what an answer means for it, and what people see of it.

use commerce::{DeliveryId, EventId, Timestamp, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schedule;

/// As it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    /// What is sent as `webhook-id`: the same to every webhook and each time.
    pub event_id: EventId,
    /// Such as `order.paid`, or `webhook.test`.
    #[schema(example = "order.paid")]
    pub event_type: String,
    pub status: Status,
    /// How often it was sent, or was about to be.
    pub attempts: u32,
    pub attempted_at: Option<Timestamp>,
    /// What the last attempt was answered; null if it was not.
    pub response_status: Option<u16>,
    /// Why the last attempt was not answered.
    pub error: Option<Unanswered>,
    /// When it is sent again, if nothing before it is in its way.
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The order in which events were received.
    #[serde(skip)]
    pub sequence: u64,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryStatus)]
pub enum Status {
    /// It is sent, or sent again, when it is due.
    Pending,
    /// It was answered 2xx.
    Delivered,
    /// It was sent as often as the schedule says, or answered 410.
    Failed,
    /// The webhook was disabled or deleted before it was delivered.
    Cancelled,
}

impl Status {
    const ALL: [Self; 4] = [
        Self::Pending,
        Self::Delivered,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Why there was no answer. Nothing finer is told: it would say what is reachable from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryError)]
pub enum Unanswered {
    /// No connection, or one that broke.
    ConnectionFailed,
    /// Not in time.
    Timeout,
    /// Nothing was sent, because the webhook's address may not be called (any more).
    AddressRefused,
}

impl Unanswered {
    const ALL: [Self; 3] = [Self::ConnectionFailed, Self::Timeout, Self::AddressRefused];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionFailed => "connection_failed",
            Self::Timeout => "timeout",
            Self::AddressRefused => "address_refused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.as_str() == text)
    }
}

/// The id of an event's delivery to a webhook: always the same, so that there is one.
pub fn id_of(webhook: WebhookId, event: EventId) -> DeliveryId {
    let uuid = Uuid::new_v5(&webhook.as_uuid(), event.as_uuid().as_bytes());
    DeliveryId::from_uuid(uuid)
}

/// What came back from one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `retry_after` in milliseconds from now.
    Status {
        status: u16,
        retry_after: Option<i64>,
    },
    Absent(Unanswered),
}

/// What becomes of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// To be sent again after so many milliseconds.
    Again {
        pause: i64,
    },
    /// Not to be sent any more.
    Failed,
    /// The receiver wants nothing any more, neither this nor anything else.
    Gone,
}

impl Answer {
    /// After so many attempts, this one included. A redirect is a failure: whoever follows it would send
    /// what is signed to an address that nobody has registered.
    pub fn judge(self, attempts: u32, chance: u16) -> Verdict {
        let asked = match self {
            Self::Status {
                status: 200..=299, ..
            } => return Verdict::Delivered,
            Self::Status { status: 410, .. } => return Verdict::Gone,
            Self::Status {
                status: 429 | 503,
                retry_after,
            } => retry_after,
            Self::Status { .. } | Self::Absent(_) => None,
        };
        match schedule::pause(attempts, chance, asked) {
            Some(pause) => Verdict::Again { pause },
            None => Verdict::Failed,
        }
    }

    pub fn status(self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(status),
            Self::Absent(_) => None,
        }
    }

    pub fn error(self) -> Option<Unanswered> {
        match self {
            Self::Status { .. } => None,
            Self::Absent(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Answer {
        Answer::Status {
            status,
            retry_after: Some(600_000),
        }
    }

    #[test]
    fn only_a_2xx_is_a_delivery() {
        for good in [200, 202, 204, 299] {
            assert_eq!(status(good).judge(1, 0), Verdict::Delivered);
        }
        for bad in [199, 300, 301, 307, 400, 401, 404, 500, 502] {
            assert_eq!(status(bad).judge(1, 0), Verdict::Again { pause: 1000 });
        }
        assert_eq!(status(410).judge(1, 0), Verdict::Gone);
        let silent = Answer::Absent(Unanswered::Timeout);
        assert_eq!(silent.judge(2, 0), Verdict::Again { pause: 5000 });
        assert_eq!(silent.judge(13, 0), Verdict::Failed);
    }

    #[test]
    fn a_receiver_that_is_overloaded_says_when() {
        for busy in [429, 503] {
            assert_eq!(status(busy).judge(1, 0), Verdict::Again { pause: 600_000 });
        }
    }

    #[test]
    fn an_event_has_one_delivery_to_a_webhook() {
        let [a, b] = [[1; 16], [2; 16]].map(WebhookId::from_bytes);
        let event = EventId::from_bytes([3; 16]);
        assert_eq!(id_of(a, event), id_of(a, event));
        assert_ne!(id_of(a, event), id_of(b, event));
    }
}
