//! In whose name something is sold: the shop's, or a seller's own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

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
            id => id.parse().map(Self::Seller),
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
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
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
}
