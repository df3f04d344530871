//! What a statement's `?` may be given.

pub use spin_sdk::mysql::ParameterValue as Param;

/// A value that one `?` of a statement takes.
pub trait ToParam {
    fn to_param(&self) -> Param;
}

/// The parameters of a statement, in the order of its question marks: `params![order.id, now, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::ToParam::to_param(&$value)),*]
    };
}

/// What stands between the parentheses of `in (…)` for so many values. Where rows are only read, one parameter
/// and a `json_table` do; beside a `json_table` MySQL locks nothing (error 3569), and neither server makes a
/// range of an index of it.
pub fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

impl ToParam for bool {
    fn to_param(&self) -> Param {
        Param::Int8(i8::from(*self))
    }
}

impl ToParam for i64 {
    fn to_param(&self) -> Param {
        Param::Int64(*self)
    }
}

impl ToParam for u16 {
    fn to_param(&self) -> Param {
        Param::Int64(i64::from(*self))
    }
}

impl ToParam for u32 {
    fn to_param(&self) -> Param {
        Param::Int64(i64::from(*self))
    }
}

impl ToParam for u64 {
    fn to_param(&self) -> Param {
        Param::Uint64(*self)
    }
}

impl ToParam for str {
    fn to_param(&self) -> Param {
        Param::Str(self.to_owned())
    }
}

impl ToParam for String {
    fn to_param(&self) -> Param {
        Param::Str(self.clone())
    }
}

impl ToParam for [u8] {
    fn to_param(&self) -> Param {
        Param::Binary(self.to_vec())
    }
}

impl<const N: usize> ToParam for [u8; N] {
    fn to_param(&self) -> Param {
        Param::Binary(self.to_vec())
    }
}

/// `BIGINT`, Unix milliseconds.
impl ToParam for commerce::Timestamp {
    fn to_param(&self) -> Param {
        Param::Int64(self.unix_ms())
    }
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        /// `BINARY(16)`.
        impl ToParam for $id {
            fn to_param(&self) -> Param {
                self.into_bytes().to_param()
            }
        }

        /// `BINARY(16)`.
        impl crate::FromValue for $id {
            const WANTED: &'static str = "BINARY(16)";
            fn from_value(
                value: spin_sdk::mysql::DbValue,
            ) -> std::result::Result<Self, spin_sdk::mysql::DbValue> {
                <[u8; 16]>::from_value(value).map(Self::from_bytes)
            }
        }
    )+};
}

// Every kind of the registry; one that is missing here cannot be stored, and does not compile.
ids! {
    commerce::UserId,
    commerce::CategoryId,
    commerce::ItemId,
    commerce::ReviewId,
    commerce::ReportId,
    commerce::MovementId,
    commerce::OrderId,
    commerce::SessionId,
    commerce::PaymentId,
    commerce::DisputeId,
    commerce::RefundId,
    commerce::EventId,
    commerce::WebhookId,
    commerce::DeliveryId,
    commerce::RestockId,
    commerce::PurchaseOrderId,
    commerce::ApiKeyId,
}

impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> Param {
        self.as_ref().map_or(Param::DbNull, T::to_param)
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn to_param(&self) -> Param {
        (*self).to_param()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_question_mark() {
        assert_eq!(placeholders(1), "?");
        assert_eq!(placeholders(3), "?, ?, ?");
    }
}
