//! The registry of typed ids: one newtype over `Uuid` for each kind of thing that has an id.
//!
//! An order's id cannot be passed where an item's is asked for, and text becomes an id only by
//! parsing its canonical form: 36 characters, hyphenated. The other spellings that `Uuid` reads
//! (braces, `urn:uuid:`, no hyphens) are refused, so that one thing has one address.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::from_text::from_text;

/// The text is not the id of such a thing: not 36 characters, or not a hyphenated UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    /// The name of the type that refused the text, such as `ItemId`.
    pub kind: &'static str,
}

/// The length of `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`; no other spelling that `Uuid` reads has it.
const HYPHENATED_LENGTH: usize = 36;

fn parse(kind: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    if text.len() != HYPHENATED_LENGTH {
        return Err(InvalidId { kind });
    }
    Uuid::try_parse(text).map_err(|_| InvalidId { kind })
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
        #[schema(value_type = String, format = "uuid", min_length = 36, max_length = 36, example = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e")]
        pub struct $name(Uuid);

        impl $name {
            /// The id that this UUID stands for.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself, to derive another id from it.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes of a `BINARY(16)` column, in network order.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes for a `BINARY(16)` column, in network order.
            #[must_use]
            pub const fn into_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(stringify!($name), text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }
    )+};
}

typed_ids! {
    /// Someone who has an account: a client, a supplier, an administrator.
    UserId,
    /// A category of the catalogue.
    CategoryId,
    /// An item of the catalogue.
    ItemId,
    /// A client's review of an item.
    ReviewId,
    /// Names what somebody has reported of a review.
    ReportId,
    /// A movement of stock.
    MovementId,
    /// An order, and the reservation of stock that belongs to it.
    OrderId,
    /// A signed-in session: a family of refresh tokens.
    SessionId,
    /// One attempt at paying an order.
    PaymentId,
    /// Money of a payment given back.
    RefundId,
    /// A payment that its client has disputed at the provider.
    DisputeId,
    /// A delivery of a supplier's, and what it has added to the stock.
    RestockId,
    /// What is ordered from a supplier.
    PurchaseOrderId,
    /// A long-lived key by which a machine asks.
    ApiKeyId,
    /// Something that happened, as others are told of it.
    EventId,
    /// An address of a merchant's own that is told of events.
    WebhookId,
    /// One event on its way to one webhook.
    DeliveryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";

    #[test]
    fn an_id_survives_text_bytes_and_json() {
        let id: ItemId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(ItemId::from_bytes(id.into_bytes()), id);
        assert_eq!(ItemId::from_uuid(id.as_uuid()), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{TEXT}\""));
        assert_eq!(serde_json::from_str::<ItemId>(&json).unwrap(), id);
        assert_eq!(format!("{id:?}"), format!("ItemId({TEXT})"));
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let simple = TEXT.replace('-', "");
        let wide = "é".repeat(18);
        for text in [
            "",
            "1",
            &simple,
            &format!("{{{TEXT}}}"),
            &format!("urn:uuid:{TEXT}"),
            &format!("{TEXT} "),
            &TEXT.replace('8', "g"),
            &wide,
        ] {
            let refused = text.parse::<OrderId>().unwrap_err();
            assert_eq!(refused, InvalidId { kind: "OrderId" }, "{text}");
        }
        assert_eq!(
            InvalidId { kind: "OrderId" }.to_string(),
            "not a valid OrderId"
        );
    }
}
