//! In whose name something is sold: the shop's, or a seller's own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::from_text::from_text;
use crate::ids::{InvalidId, UserId};

/// The name of the shop where a merchant is named.
const SHOP: &str = "shop";

/// In whose name papers are issued: on the wire `shop`, or the id of a seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MerchantId {
    /// The shop itself.
    Shop,
    /// A seller of the marketplace who sells in their own name.
    Seller(UserId),
}

impl PartialSchema for MerchantId {
    fn schema() -> RefOr<Schema> {
        let id = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "In whose name something is sold: `shop`, or the id of a seller.",
            ))
            .pattern(Some(format!("^({SHOP}|{id})$")))
            .min_length(Some(SHOP.len()))
            .max_length(Some(36))
            .examples([SHOP])
            .into()
    }
}

impl ToSchema for MerchantId {}

impl MerchantId {
    /// The key of its row: all zeros is the shop.
    #[must_use]
    pub const fn into_bytes(self) -> [u8; 16] {
        match self {
            Self::Shop => Uuid::nil().into_bytes(),
            Self::Seller(seller) => seller.into_bytes(),
        }
    }

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        match Uuid::from_bytes(bytes) {
            id if id.is_nil() => Self::Shop,
            id => Self::Seller(UserId::from_uuid(id)),
        }
    }
}

impl FromStr for MerchantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            SHOP => Ok(Self::Shop),
            // All zeros is nobody: it is the key of the shop's row, and no other name of the shop.
            id => match id.parse::<UserId>()? {
                id if id.as_uuid().is_nil() => Err(InvalidId { kind: "MerchantId" }),
                id => Ok(Self::Seller(id)),
            },
        }
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shop => f.write_str(SHOP),
            Self::Seller(seller) => seller.fmt(f),
        }
    }
}

impl Serialize for MerchantId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MerchantId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_survives_its_text_and_its_key() {
        let seller = MerchantId::Seller(UserId::from_uuid(Uuid::from_u128(7)));
        for id in [MerchantId::Shop, seller] {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(MerchantId::from_bytes(id.into_bytes()), id);
        }
        assert!("boutique".parse::<MerchantId>().is_err());
    }

    #[test]
    fn the_shop_has_one_name() {
        for text in ["00000000-0000-0000-0000-000000000000", "SHOP", " shop", ""] {
            assert!(text.parse::<MerchantId>().is_err(), "{text}");
        }
    }
}
