//! A row, read column by column in the order of its `select` list.

use spin_sdk::mysql::DbValue;

use crate::error::{Error, Result};

/// One row. [`Row::next`] takes its columns in turn, so that a struct is read in the order of the list:
///
/// ```text
/// Category { id: row.next()?, name: row.next()?, enabled: row.next()? }
/// ```
#[derive(Debug)]
pub struct Row {
    values: std::vec::IntoIter<DbValue>,
    column: usize,
}

impl Row {
    pub(crate) fn new(values: Vec<DbValue>) -> Self {
        Self {
            values: values.into_iter(),
            column: 0,
        }
    }

    /// The next column's value. A column too many or of another type is an [`Error::Decode`].
    #[expect(
        clippy::should_implement_trait,
        reason = "each call answers a type of its own, which no iterator can"
    )]
    pub fn next<T: FromValue>(&mut self) -> Result<T> {
        let column = self.column;
        self.column += 1;
        let decode = |got: String| Error::Decode {
            column,
            wanted: T::WANTED,
            got,
        };
        let value = self.values.next().ok_or_else(|| decode("nothing".into()))?;
        T::from_value(value).map_err(|value| decode(kind(&value).to_owned()))
    }
}

/// A type that a column can be read as. Widths are exact, as they are in Spin: `BIGINT` is `i64`.
pub trait FromValue: Sized {
    /// The column type, for the error message.
    const WANTED: &'static str;

    /// Gives the value back if it is of another type.
    fn from_value(value: DbValue) -> std::result::Result<Self, DbValue>;
}

macro_rules! from_value {
    ($($type:ty, $wanted:literal, $($pattern:pat => $value:expr),+;)+) => {
        $(impl FromValue for $type {
            const WANTED: &'static str = $wanted;
            fn from_value(value: DbValue) -> std::result::Result<Self, DbValue> {
                match value {
                    $($pattern => Ok($value),)+
                    other => Err(other),
                }
            }
        })+
    };
}

from_value! {
    bool, "BOOLEAN", DbValue::Int8(0) => false, DbValue::Int8(1) => true;
    i32, "INT", DbValue::Int32(n) => n;
    i64, "BIGINT", DbValue::Int64(n) => n;
    u8, "TINYINT UNSIGNED", DbValue::Uint8(n) => n;
    u16, "SMALLINT UNSIGNED", DbValue::Uint16(n) => n;
    u32, "INT UNSIGNED", DbValue::Uint32(n) => n;
    u64, "BIGINT UNSIGNED", DbValue::Uint64(n) => n;
    String, "VARCHAR or TEXT", DbValue::Str(text) => text;
    Vec<u8>, "BINARY or BLOB", DbValue::Binary(bytes) => bytes;
}

impl<const N: usize> FromValue for [u8; N] {
    const WANTED: &'static str = "BINARY of a fixed length";
    fn from_value(value: DbValue) -> std::result::Result<Self, DbValue> {
        match value {
            DbValue::Binary(bytes) => bytes.try_into().map_err(DbValue::Binary),
            other => Err(other),
        }
    }
}

/// `BIGINT`, Unix milliseconds.
impl FromValue for commerce::Timestamp {
    const WANTED: &'static str = "BIGINT";
    fn from_value(value: DbValue) -> std::result::Result<Self, DbValue> {
        i64::from_value(value).map(Self::from_unix_ms)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const WANTED: &'static str = T::WANTED;
    fn from_value(value: DbValue) -> std::result::Result<Self, DbValue> {
        match value {
            DbValue::DbNull => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// The value's type, never the value: it may be about a person and errors are logged.
fn kind(value: &DbValue) -> &'static str {
    match value {
        DbValue::Boolean(_) => "boolean",
        DbValue::Int8(_) => "int8",
        DbValue::Int16(_) => "int16",
        DbValue::Int32(_) => "int32",
        DbValue::Int64(_) => "int64",
        DbValue::Uint8(_) => "uint8",
        DbValue::Uint16(_) => "uint16",
        DbValue::Uint32(_) => "uint32",
        DbValue::Uint64(_) => "uint64",
        DbValue::Floating32(_) => "float",
        DbValue::Floating64(_) => "double",
        DbValue::Str(_) => "text",
        DbValue::Binary(_) => "bytes",
        DbValue::DbNull => "null",
        DbValue::Unsupported => "an unsupported type",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_turn() {
        let mut row = Row::new(vec![DbValue::Int64(7), DbValue::DbNull]);
        assert_eq!(row.next::<i64>().unwrap(), 7);
        assert_eq!(row.next::<Option<String>>().unwrap(), None);
        assert!(matches!(
            row.next::<i64>(),
            Err(Error::Decode { column: 2, .. })
        ));
    }

    #[test]
    fn a_width_that_differs_is_refused() {
        let mut row = Row::new(vec![DbValue::Int32(7)]);
        assert!(matches!(
            row.next::<i64>(),
            Err(Error::Decode { column: 0, .. })
        ));
    }
}
