//! A merchant's address that is told of events: what it is told of, and when it is told no more.

use commerce::{Prose, Timestamp, WebhookId};
use serde::Serialize;
use service::Invalid;
use utoipa::ToSchema;

use crate::event::EventType;
use crate::signature::Secret;

/// What people write to know it again.
pub type Description = Prose<500>;

/// How long the secret before a rotation signs too.
const ROTATION_MS: i64 = 24 * 60 * 60 * 1000;

/// A webhook that answers nothing good for so long is disabled.
const FAILING_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// As it is stored and shown. Its secret is not part of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    pub id: WebhookId,
    #[schema(
        format = "uri",
        max_length = 2048,
        example = "https://example.com/hook"
    )]
    pub url: String,
    /// What it is told of; without any type, of everything.
    pub event_types: Vec<EventType>,
    pub description: String,
    /// Nothing is sent to one that is not enabled, and what happens meanwhile is not kept for it.
    pub enabled: bool,
    /// Why it is not enabled.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when it has answered nothing good; null after a success.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before the last rotation signs too.
    pub previous_secret_expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub version: u32,
}

/// Why a webhook is not enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// An admin said so.
    Admin,
    /// It answered 410 (Gone).
    Gone,
    /// For three days it answered nothing good.
    Failing,
}

impl DisabledReason {
    const ALL: [Self; 3] = [Self::Admin, Self::Gone, Self::Failing];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

impl Webhook {
    pub fn wants(&self, event_type: EventType) -> bool {
        self.event_types.is_empty() || self.event_types.contains(&event_type)
    }

    pub fn enable(&mut self) {
        self.enabled = true;
        self.disabled_reason = None;
        self.failing_since = None;
    }

    pub fn disable(&mut self, reason: DisabledReason) {
        self.enabled = false;
        self.disabled_reason = Some(reason);
    }

    pub fn changed(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }
}

/// Whether one that fails since then is to be disabled.
pub fn fails_for_too_long(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| since.plus_ms(FAILING_MS) <= now)
}

/// The secrets of one webhook.
#[derive(Clone, Copy, Debug)]
pub struct Secrets {
    pub current: Secret,
    /// The one before, and until when it signs.
    pub previous: Option<(Secret, Timestamp)>,
}

impl Secrets {
    pub fn rotate(self, fresh: Secret, now: Timestamp) -> Self {
        Self {
            current: fresh,
            previous: Some((self.current, now.plus_ms(ROTATION_MS))),
        }
    }

    /// Those that sign now.
    pub fn signing(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let previous = self.previous.as_ref();
        let previous = previous.filter(move |(_, expires)| *expires > now);
        [&self.current]
            .into_iter()
            .chain(previous.map(|(secret, _)| secret))
    }
}

/// The types of these names, each once; where one is none, nothing and a note at `/event_types/…`.
pub fn parse_event_types(
    names: &[impl AsRef<str>],
    invalid: &mut Invalid,
) -> Option<Vec<EventType>> {
    let mut types = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match EventType::parse(name.as_ref()) {
            Some(known) => types.push(known),
            None => invalid.refuse(format!("/event_types/{index}"), EventType::unknown()),
        }
    }
    let all_known = types.len() == names.len();
    types.sort_unstable();
    types.dedup();
    all_known.then_some(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(event_types: &[&str]) -> Webhook {
        let mut invalid = Invalid::new();
        let names: Vec<String> = event_types.iter().map(ToString::to_string).collect();
        let now = Timestamp::from_unix_ms(0);
        Webhook {
            id: WebhookId::from_bytes([1; 16]),
            url: "https://shop.example/".into(),
            event_types: parse_event_types(&names, &mut invalid).unwrap(),
            description: String::new(),
            enabled: true,
            disabled_reason: None,
            failing_since: None,
            previous_secret_expires_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn a_webhook_without_types_wants_every_event() {
        let paid = EventType::parse("order.paid").unwrap();
        let low = EventType::parse("stock.low").unwrap();
        assert!(webhook(&[]).wants(paid));
        let one = webhook(&["order.paid", "order.paid"]);
        assert_eq!(one.event_types, [paid]);
        assert!(one.wants(paid) && !one.wants(low));
    }

    #[test]
    fn each_unknown_type_is_pointed_at() {
        let mut invalid = Invalid::new();
        let names = ["order.paid", "order.eaten", "webhook.test"].map(String::from);
        assert_eq!(parse_event_types(&names, &mut invalid), None);
        let problem = service::Problem::from(invalid);
        let pointers: Vec<&str> = problem.pointers().collect();
        assert_eq!(pointers, ["/event_types/1", "/event_types/2"]);
    }

    #[test]
    fn the_secret_before_a_rotation_signs_for_a_day() {
        let [old, new] = [[1; 32], [2; 32]].map(Secret::from_bytes);
        let now = Timestamp::from_unix_ms(0);
        let secrets = Secrets {
            current: old,
            previous: None,
        };
        assert_eq!(secrets.signing(now).count(), 1);
        let rotated = secrets.rotate(new, now);
        let signing = |at: i64| {
            rotated
                .signing(now.plus_ms(at))
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(signing(ROTATION_MS - 1), [new, old]);
        assert_eq!(signing(ROTATION_MS), [new]);
    }

    #[test]
    fn failing_for_three_days_is_too_long() {
        let since = Some(Timestamp::from_unix_ms(0));
        let at = Timestamp::from_unix_ms;
        assert!(fails_for_too_long(since, at(FAILING_MS)));
        assert!(!fails_for_too_long(since, at(FAILING_MS - 1)));
        assert!(!fails_for_too_long(None, at(FAILING_MS)));
    }
}
