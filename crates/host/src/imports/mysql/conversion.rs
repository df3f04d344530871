//! Values between components and MySQL: which column becomes which type, and which cannot.
//!
//! DECIMAL, the dates and times, BIT and (on MySQL) JSON have no counterpart: one non-null value
//! of such a column fails the whole query.

use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::prelude::FromValue;
use mysql_async::{Value, from_value_opt};

use crate::imports::bindings::spin::mysql::mysql::{
    Column, DbDataType, DbValue, Error, ParameterValue, Row,
};

/// A parameter on its way to the server.
pub fn bind(parameter: ParameterValue) -> Value {
    match parameter {
        ParameterValue::Boolean(v) => v.into(),
        ParameterValue::Int8(v) => v.into(),
        ParameterValue::Int16(v) => v.into(),
        ParameterValue::Int32(v) => v.into(),
        ParameterValue::Int64(v) => v.into(),
        ParameterValue::Uint8(v) => v.into(),
        ParameterValue::Uint16(v) => v.into(),
        ParameterValue::Uint32(v) => v.into(),
        ParameterValue::Uint64(v) => v.into(),
        ParameterValue::Floating32(v) => v.into(),
        ParameterValue::Floating64(v) => v.into(),
        ParameterValue::Str(v) => v.into(),
        ParameterValue::Binary(v) => v.into(),
        ParameterValue::DbNull => Value::NULL,
    }
}

/// The columns of a result, as the component sees them.
pub fn describe(columns: &[mysql_async::Column]) -> Vec<Column> {
    columns
        .iter()
        .map(|column| Column {
            name: column.name_str().into_owned(),
            data_type: find_type(column.column_type(), column.flags()),
        })
        .collect()
}

/// A row on its way to the component.
pub fn read_row(mut row: mysql_async::Row, columns: &[Column]) -> Result<Row, Error> {
    (0..row.len())
        .map(|index| match (row.take(index), columns.get(index)) {
            (None | Some(Value::NULL), _) => Ok(DbValue::DbNull),
            (Some(value), Some(column)) => read_value(value, column),
            (Some(_), None) => Err(Error::Other(format!("Can't get column at index {index}"))),
        })
        .collect()
}

/// Bytes that a row takes in the host.
pub fn measure(row: &Row) -> usize {
    row.iter()
        .map(|value| {
            size_of::<DbValue>()
                + match value {
                    DbValue::Str(text) => text.len(),
                    DbValue::Binary(bytes) => bytes.len(),
                    _ => 0,
                }
        })
        .sum()
}

fn find_type(column: ColumnType, flags: ColumnFlags) -> DbDataType {
    let unsigned = flags.contains(ColumnFlags::UNSIGNED_FLAG);
    // Set for BINARY and BLOB, and for any collation that compares bytes (`…_bin`).
    let binary = flags.contains(ColumnFlags::BINARY_FLAG);
    match (column, unsigned) {
        (ColumnType::MYSQL_TYPE_TINY, false) => DbDataType::Int8,
        (ColumnType::MYSQL_TYPE_TINY, true) => DbDataType::Uint8,
        (ColumnType::MYSQL_TYPE_SHORT, false) => DbDataType::Int16,
        (ColumnType::MYSQL_TYPE_SHORT, true) => DbDataType::Uint16,
        (ColumnType::MYSQL_TYPE_INT24 | ColumnType::MYSQL_TYPE_LONG, false) => DbDataType::Int32,
        (ColumnType::MYSQL_TYPE_INT24 | ColumnType::MYSQL_TYPE_LONG, true) => DbDataType::Uint32,
        (ColumnType::MYSQL_TYPE_LONGLONG, false) => DbDataType::Int64,
        (ColumnType::MYSQL_TYPE_LONGLONG, true) => DbDataType::Uint64,
        (ColumnType::MYSQL_TYPE_FLOAT, _) => DbDataType::Floating32,
        (ColumnType::MYSQL_TYPE_DOUBLE, _) => DbDataType::Floating64,
        (
            ColumnType::MYSQL_TYPE_STRING
            | ColumnType::MYSQL_TYPE_VAR_STRING
            | ColumnType::MYSQL_TYPE_BLOB,
            _,
        ) if !binary => DbDataType::Str,
        (
            ColumnType::MYSQL_TYPE_STRING
            | ColumnType::MYSQL_TYPE_VAR_STRING
            | ColumnType::MYSQL_TYPE_BLOB
            | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
            | ColumnType::MYSQL_TYPE_LONG_BLOB,
            _,
        ) => DbDataType::Binary,
        _ => DbDataType::Other,
    }
}

fn read_value(value: Value, column: &Column) -> Result<DbValue, Error> {
    Ok(match column.data_type {
        DbDataType::Boolean => DbValue::Boolean(read(value)?),
        DbDataType::Int8 => DbValue::Int8(read(value)?),
        DbDataType::Int16 => DbValue::Int16(read(value)?),
        DbDataType::Int32 => DbValue::Int32(read(value)?),
        DbDataType::Int64 => DbValue::Int64(read(value)?),
        DbDataType::Uint8 => DbValue::Uint8(read(value)?),
        DbDataType::Uint16 => DbValue::Uint16(read(value)?),
        DbDataType::Uint32 => DbValue::Uint32(read(value)?),
        DbDataType::Uint64 => DbValue::Uint64(read(value)?),
        DbDataType::Floating32 => DbValue::Floating32(read(value)?),
        DbDataType::Floating64 => DbValue::Floating64(read(value)?),
        DbDataType::Str => DbValue::Str(read(value)?),
        DbDataType::Binary => DbValue::Binary(read(value)?),
        DbDataType::Other => {
            return Err(Error::ValueConversionFailed(format!(
                "Cannot convert value {value:?} in column {} data type {:?}",
                column.name, column.data_type
            )));
        }
    })
}

fn read<T: FromValue>(value: Value) -> Result<T, Error> {
    from_value_opt(value).map_err(|error| Error::ValueConversionFailed(error.to_string()))
}
