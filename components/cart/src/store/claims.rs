//! A cart that is being ordered: the fields `claimed_by` (an order), `claimed_at` (Unix milliseconds) and
//! `claimed` (the lines that it had then) of its hash, and `ordered_as`, the order that emptied it last.
//!
//! Whoever orders a cart claims it before anything else is done, so that it becomes one order. The client goes on
//! writing to it meanwhile: what was claimed is taken off what is there when the order is placed.

use cache::{Cache, Reply, Script};
use commerce::{OrderId, Timestamp};

use super::carts::{CLIENT_SECONDS, CartKey};
use crate::cart::CartLine;

/// What became of claiming a cart.
#[derive(Debug)]
pub enum Claim {
    /// It is the order's. An empty cart is nobody's, and may say which order emptied it.
    Claimed {
        lines: Vec<CartLine>,
        ordered_as: Option<OrderId>,
    },
    /// Another order has it since so many milliseconds.
    Held { by: OrderId, since_ms: i64 },
}

/// Claims the cart for an order, also in the place of one that is known to have stopped. The same order again has
/// what it had the first time.
pub async fn claim(
    cache: &Cache,
    key: &CartKey,
    order: OrderId,
    instead_of: Option<OrderId>,
    now: Timestamp,
) -> Result<Claim, cache::Error> {
    const CLAIM: Script = Script::new(
        "local order, now, instead_of = unpack(ARGV)
         local cart = redis.call('hmget', KEYS[1], 'lines', 'claimed_by', 'claimed_at', 'claimed', 'ordered_as')
         local lines, by, at, claimed, ordered_as = unpack(cart, 1, 5)
         if by == order then return {'claimed', claimed, ''} end
         if by and by ~= instead_of then return {'held', by, tonumber(now) - tonumber(at)} end
         if not lines or lines == '[]' then return {'claimed', '[]', ordered_as or ''} end
         redis.call('hset', KEYS[1], 'claimed_by', order, 'claimed_at', now, 'claimed', lines)
         return {'claimed', lines, ''}",
    );
    let (order, now) = (order.to_string(), now.unix_ms().to_string());
    let instead_of = instead_of.map_or_else(String::new, |order| order.to_string());
    let args = [order.as_bytes(), now.as_bytes(), instead_of.as_bytes()];
    read(cache.run_repeatable(&CLAIM, &[key.name()], &args).await?)
}

fn read(replies: Vec<Reply>) -> Result<Claim, cache::Error> {
    const WANTED: cache::Error = cache::Error::Unexpected("wanted a claim");
    let mut replies = replies.into_iter();
    let mut next = || replies.next().ok_or(WANTED);
    let order = |text: String| text.parse::<OrderId>().map_err(|_| WANTED);
    match next()?.text()?.as_str() {
        "claimed" => {
            let lines = serde_json::from_str(&next()?.text()?)?;
            let ordered_as = Some(next()?.text()?).filter(|text| !text.is_empty());
            Ok(Claim::Claimed {
                lines,
                ordered_as: ordered_as.map(order).transpose()?,
            })
        }
        "held" => Ok(Claim::Held {
            by: order(next()?.text()?)?,
            since_ms: next()?.integer()?,
        }),
        _ => Err(WANTED),
    }
}

/// Takes what the order claimed off the cart, once.
pub async fn settle(cache: &Cache, key: &CartKey, order: OrderId) -> Result<(), cache::Error> {
    const SETTLE: Script = Script::new(
        "local order, lifetime = unpack(ARGV)
         local cart = redis.call('hmget', KEYS[1], 'version', 'lines', 'claimed_by', 'claimed')
         if cart[3] ~= order then return {} end
         local ordered = {}
         for _, line in ipairs(cjson.decode(cart[4])) do ordered[line.item_id] = line.quantity end
         local left = {}
         for _, line in ipairs(cjson.decode(cart[2] or '[]')) do
           line.quantity = line.quantity - (ordered[line.item_id] or 0)
           if line.quantity > 0 then table.insert(left, line) end
         end
         redis.call('hset', KEYS[1], 'version', tonumber(cart[1] or 0) + 1,
           'lines', #left == 0 and '[]' or cjson.encode(left), 'ordered_as', order)
         redis.call('hdel', KEYS[1], 'claimed_by', 'claimed_at', 'claimed')
         redis.call('expire', KEYS[1], lifetime)
         return {}",
    );
    let (order, lifetime) = (order.to_string(), CLIENT_SECONDS.to_string());
    let args = [order.as_bytes(), lifetime.as_bytes()];
    cache.run_repeatable(&SETTLE, &[key.name()], &args).await?;
    Ok(())
}

/// Leaves the cart as it is: nothing became of the order that claimed it.
pub async fn give_back(cache: &Cache, key: &CartKey, order: OrderId) -> Result<(), cache::Error> {
    const GIVE_BACK: Script = Script::new(
        "if redis.call('hget', KEYS[1], 'claimed_by') == ARGV[1] then
           redis.call('hdel', KEYS[1], 'claimed_by', 'claimed_at', 'claimed')
         end
         return {}",
    );
    let order = order.to_string();
    cache
        .run_repeatable(&GIVE_BACK, &[key.name()], &[order.as_bytes()])
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_claim_or_who_has_the_cart() {
        let bytes = |text: &str| Reply::Bytes(text.into());
        let order = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";
        let empty = read(vec![bytes("claimed"), bytes("[]"), bytes(order)]).unwrap();
        assert!(
            matches!(empty, Claim::Claimed { lines, ordered_as: Some(id) }
                if lines.is_empty() && id.to_string() == order)
        );
        let held = read(vec![bytes("held"), bytes(order), Reply::Integer(12)]).unwrap();
        assert!(matches!(held, Claim::Held { since_ms: 12, .. }));
        for wrong in [
            vec![],
            vec![bytes("held"), bytes("nobody")],
            vec![bytes("other")],
        ] {
            assert!(read(wrong).is_err());
        }
    }
}
