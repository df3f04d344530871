//! Replies of Redis on their way to a component: a flat list, whatever their nesting.
//!
//! Maps, attributes, pushes and formatted strings of RESP3 have no counterpart and fail.

use redis::{ErrorKind, FromRedisValue, RedisError, Value};

use crate::imports::bindings::spin::redis::redis::RedisResult;

/// A reply, flattened.
pub struct Reply(pub Vec<RedisResult>);

impl FromRedisValue for Reply {
    fn from_redis_value(value: &Value) -> Result<Self, RedisError> {
        let mut flat = Vec::new();
        flatten(value, &mut flat)?;
        Ok(Self(flat))
    }
}

/// Bytes that a reply takes in the host.
pub fn measure(reply: &[RedisResult]) -> usize {
    let each = reply.iter().map(|result| {
        size_of::<RedisResult>()
            + match result {
                RedisResult::Status(text) => text.len(),
                RedisResult::Binary(bytes) => bytes.len(),
                RedisResult::Nil | RedisResult::Int64(_) => 0,
            }
    });
    size_of::<Vec<RedisResult>>() + each.sum::<usize>()
}

fn flatten(value: &Value, flat: &mut Vec<RedisResult>) -> Result<(), RedisError> {
    flat.push(match value {
        Value::Nil => RedisResult::Nil,
        Value::Int(number) => RedisResult::Int64(*number),
        Value::Boolean(truth) => RedisResult::Int64((*truth).into()),
        Value::BulkString(bytes) => RedisResult::Binary(bytes.clone()),
        Value::Double(number) => RedisResult::Binary(number.to_string().into_bytes()),
        Value::SimpleString(text) => RedisResult::Status(text.clone()),
        Value::Okay => RedisResult::Status("OK".to_owned()),
        Value::Array(values) | Value::Set(values) => {
            return values.iter().try_for_each(|value| flatten(value, flat));
        }
        Value::ServerError(error) => {
            return Err(RedisError::from((
                ErrorKind::ResponseError,
                "Server error",
                format!("{error:?}"),
            )));
        }
        Value::Map(_) => return Err(refuse("Map type")),
        Value::Attribute { .. } => return Err(refuse("Attribute type")),
        Value::VerbatimString { .. } => return Err(refuse("string with format attribute")),
        Value::Push { .. } => return Err(refuse("Pub/Sub type")),
        other => return Err(refuse(&format!("value {other:?}"))),
    });
    Ok(())
}

fn refuse(what: &str) -> RedisError {
    RedisError::from((
        ErrorKind::TypeError,
        "Could not convert Redis response",
        format!("Redis {what} is not supported"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(value: Value) -> Result<Vec<RedisResult>, RedisError> {
        Reply::from_redis_value(&value).map(|Reply(flat)| flat)
    }

    #[test]
    fn nested_replies_arrive_flattened() {
        let nested = Value::Array(vec![
            Value::Int(1),
            Value::Array(vec![Value::Nil, Value::BulkString(b"x".to_vec())]),
            Value::Okay,
        ]);
        let flat = reply(nested).unwrap();
        assert!(matches!(
            flat.as_slice(),
            [
                RedisResult::Int64(1),
                RedisResult::Nil,
                RedisResult::Binary(bytes),
                RedisResult::Status(ok),
            ] if bytes == b"x" && ok == "OK"
        ));
    }

    #[test]
    fn what_resp3_adds_becomes_text_or_a_number() {
        let flat = reply(Value::Array(vec![Value::Double(1.5), Value::Boolean(true)])).unwrap();
        assert!(matches!(
            flat.as_slice(),
            [RedisResult::Binary(text), RedisResult::Int64(1)] if text == b"1.5"
        ));
    }

    #[test]
    fn maps_fail() {
        let error = reply(Value::Map(Vec::new())).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::TypeError);
    }
}
