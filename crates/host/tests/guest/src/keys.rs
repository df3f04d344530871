//! Redis: steps of a script on one connection.

use serde_json::{Value, json};
use spin_sdk::redis::{Connection, RedisParameter};

/// `{"address": …, "steps": [[command, argument, …], …]}`; a command in capitals is executed.
pub async fn run(script: &[u8]) -> String {
    let script: Value = serde_json::from_slice(script).unwrap();
    let connection = match Connection::open(script["address"].as_str().unwrap()).await {
        Ok(connection) => connection,
        Err(error) => return json!([format!("{error:?}")]).to_string(),
    };
    let mut seen = Vec::new();
    for step in script["steps"].as_array().unwrap() {
        let words: Vec<&Value> = step.as_array().unwrap().iter().collect();
        let word = |at: usize| words[at].as_str().unwrap();
        let rest = || words[2..].iter().map(|word| word.as_str().unwrap());
        seen.push(match word(0) {
            "publish" => format!("{:?}", connection.publish(word(1), word(2)).await),
            "get" => format!("{:?}", connection.get(word(1)).await),
            "set" => format!("{:?}", connection.set(word(1), word(2)).await),
            "incr" => format!("{:?}", connection.incr(word(1)).await),
            "del" => format!("{:?}", connection.del([word(1)]).await),
            "sadd" => format!("{:?}", connection.sadd(word(1), rest()).await),
            "smembers" => format!("{:?}", connection.smembers(word(1)).await),
            "srem" => format!("{:?}", connection.srem(word(1), rest()).await),
            command => {
                let arguments = words[1..].iter().map(|word| match word.as_i64() {
                    Some(number) => RedisParameter::Int64(number),
                    None => RedisParameter::Binary(word.as_str().unwrap().as_bytes().to_vec()),
                });
                format!("{:?}", connection.execute(command, arguments).await)
            }
        });
    }
    json!(seen).to_string()
}
