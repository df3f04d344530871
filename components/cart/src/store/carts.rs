//! The hashes `cart:{client id}` and `cart:guest:{digest of the token}`: `version`, a count of the writes,
//! and `lines`, a JSON array in the order of addition.
//!
//! Each write is one script: it reads the cart, refuses or changes it, and gives it more days. So two writes at
//! once both count, and what is refused has changed nothing.
//!
//! Anybody can make a guest's cart, and as many as they like: it is smaller than a client's, lives days, and its
//! names are short.

use cache::{Cache, Reply, Script};
use commerce::{ItemId, Quantity, UserId};
use service::IfMatch;

use crate::cart::{Cart, CartLine, MAX_GUEST_LINES, MAX_LINES};
use crate::token::CartToken;

/// How long a cart lives after its last write, in seconds: a client's 30 days, a guest's 7.
pub(super) const CLIENT_SECONDS: u32 = 30 * 86_400;
const GUEST_SECONDS: u32 = 7 * 86_400;

/// As much of a name as is kept, in characters: it is shown where the catalogue knows the item no more.
const KEPT_NAME: usize = 60;

/// The name of a cart in Redis, and how large and how old it may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartKey {
    name: String,
    max_lines: usize,
    seconds: u32,
    /// Whether a write begins it where there is none.
    may_begin: bool,
}

impl CartKey {
    pub fn of_client(client: UserId) -> Self {
        Self {
            name: format!("cart:{client}"),
            max_lines: MAX_LINES,
            seconds: CLIENT_SECONDS,
            may_begin: true,
        }
    }

    /// The cart that a guest names: it is there, or has gone, for only we make up names of carts.
    pub fn of_guest(token: &CartToken) -> Self {
        Self {
            name: format!("cart:guest:{}", token.digest()),
            max_lines: MAX_GUEST_LINES,
            seconds: GUEST_SECONDS,
            may_begin: false,
        }
    }

    /// The cart of a guest who is given this token.
    pub fn of_new_guest(token: &CartToken) -> Self {
        Self {
            may_begin: true,
            ..Self::of_guest(token)
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Why a cart was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the cart has changed since the client read it")]
    Changed,
    #[error("there is no such cart")]
    NoCart,
    #[error("the item is not in the cart")]
    NotInCart,
    #[error("the cart would have more than {most} lines")]
    Full { most: usize },
    #[error("the cart would have more than {} of {item}", Quantity::MAX)]
    TooMany { item: ItemId },
    #[error(transparent)]
    Cache(#[from] cache::Error),
}

/// A script that writes: what every one begins with, then what it does to `lines` and answers.
///
/// Keys: the cart. Arguments: the most lines and pieces, the lifetime, the versions that the client has
/// seen (`,3,4,` or `*`) or does not want (`!,3,4,`), whether the cart may begin (`1`), then its own.
macro_rules! write_script {
    ($change:literal) => {
        Script::new(concat!(
            "local max_lines, max_quantity, lifetime, seen, may_begin = unpack(ARGV)
             local function read(key)
               local cart = redis.call('hmget', key, 'version', 'lines')
               return tonumber(cart[1] or 0), cjson.decode(cart[2] or '[]')
             end
             local version, lines = read(KEYS[1])
             if version == 0 and may_begin ~= '1' then return {'no cart'} end
             local is_listed = string.find(seen, ',' .. version .. ',', 1, true) ~= nil
             local is_wanted = string.sub(seen, 1, 1) ~= '!'
             if seen ~= '*' and is_listed ~= is_wanted then
               return {'changed'}
             end
             local function position(item)
               for i, line in ipairs(lines) do
                 if line.item_id == item then return i end
               end
             end
             local function put(line)
               local known = lines[position(line.item_id)]
               if known then
                 known.quantity = known.quantity + line.quantity
                 known.name = line.name
               else
                 table.insert(lines, line)
               end
             end
             local function answer()
               return {'cart', version, #lines == 0 and '[]' or cjson.encode(lines)}
             end
             local function save()
               if #lines > tonumber(max_lines) then return {'full'} end
               for _, line in ipairs(lines) do
                 if line.quantity > tonumber(max_quantity) then return {'too many', line.item_id} end
               end
               version = version + 1
               local cart = answer()
               redis.call('hset', KEYS[1], 'version', cart[2], 'lines', cart[3])
               redis.call('hdel', KEYS[1], 'ordered_as')
               redis.call('expire', KEYS[1], lifetime)
               return cart
             end\n",
            $change
        ))
    };
}

async fn write(
    cache: &Cache,
    script: &Script,
    keys: &[&CartKey],
    if_match: &IfMatch,
    args: &[&str],
) -> Result<Cart, Refusal> {
    // Of the cart that is written to, whichever others there are.
    let first = keys
        .first()
        .ok_or(cache::Error::Unexpected("wanted a cart"))?;
    let max_lines = first.max_lines.to_string();
    let (max_quantity, lifetime) = (Quantity::MAX.to_string(), first.seconds.to_string());
    let seen = versions(if_match);
    let may_begin = if first.may_begin { "1" } else { "0" };
    let mut all = vec![&*max_lines, &*max_quantity, &*lifetime, &*seen, may_begin];
    all.extend(args);
    let all: Vec<&[u8]> = all.into_iter().map(str::as_bytes).collect();
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    read(cache.run(script, &names, &all).await?, first.max_lines)
}

fn versions(if_match: &IfMatch) -> String {
    let list = |versions: &[u32]| {
        let add = |text: String, version: &u32| format!("{text}{version},");
        versions.iter().fold(",".to_owned(), add)
    };
    match if_match {
        IfMatch::Any => "*".to_owned(),
        IfMatch::Versions(seen) => list(seen),
        // Everybody has a cart, if an empty one.
        IfMatch::Nothing => list(&[]),
        IfMatch::NoneOf(unwanted) => format!("!{}", list(unwanted)),
    }
}

fn read(replies: Vec<Reply>, most: usize) -> Result<Cart, Refusal> {
    let mut replies = replies.into_iter();
    let mut next = || {
        let missing = cache::Error::Unexpected("wanted a cart or a refusal");
        replies.next().ok_or(missing)
    };
    match next()?.text()?.as_str() {
        "cart" => Ok(Cart {
            version: u32::try_from(next()?.integer()?)
                .map_err(|_| cache::Error::Unexpected("wanted a version"))?,
            lines: serde_json::from_str(&next()?.text()?).map_err(cache::Error::from)?,
        }),
        "changed" => Err(Refusal::Changed),
        "no cart" => Err(Refusal::NoCart),
        "not in cart" => Err(Refusal::NotInCart),
        "full" => Err(Refusal::Full { most }),
        "too many" => Err(Refusal::TooMany {
            item: next()?
                .text()?
                .parse()
                .map_err(|_| cache::Error::Unexpected("wanted the id of an item"))?,
        }),
        _ => Err(cache::Error::Unexpected("wanted a cart or a refusal").into()),
    }
}

/// The line with as much of its name as is kept.
fn kept(line: &CartLine) -> CartLine {
    let mut kept = line.clone();
    if let Some((end, _)) = line.name.char_indices().nth(KEPT_NAME) {
        kept.name.truncate(end);
        kept.name.push('…');
    }
    kept
}

/// The cart; an empty one of version 0 if there is none.
pub async fn find(cache: &Cache, key: &CartKey) -> Result<Cart, Refusal> {
    const FIND: Script = Script::new(
        "local cart = redis.call('hmget', KEYS[1], 'version', 'lines')
         return {'cart', tonumber(cart[1] or 0), cart[2] or '[]'}",
    );
    let replies = cache.run_repeatable(&FIND, &[&key.name], &[]).await?;
    read(replies, key.max_lines)
}

/// Adds a line, or its quantity to the line that the item has.
pub async fn add(
    cache: &Cache,
    key: &CartKey,
    if_match: &IfMatch,
    line: &CartLine,
) -> Result<Cart, Refusal> {
    const ADD: Script = write_script!("put(cjson.decode(ARGV[6])) return save()");
    let line = serde_json::to_string(&kept(line)).map_err(cache::Error::from)?;
    write(cache, &ADD, &[key], if_match, &[&line]).await
}

/// Sets the quantity of a line.
pub async fn set_quantity(
    cache: &Cache,
    key: &CartKey,
    if_match: &IfMatch,
    item: ItemId,
    quantity: Quantity,
) -> Result<Cart, Refusal> {
    const SET: Script = write_script!(
        "local line = lines[position(ARGV[6])]
         if not line then return {'not in cart'} end
         line.quantity = tonumber(ARGV[7])
         return save()"
    );
    let args = [&*item.to_string(), &*quantity.to_string()];
    write(cache, &SET, &[key], if_match, &args).await
}

/// Takes a line out.
pub async fn remove(
    cache: &Cache,
    key: &CartKey,
    if_match: &IfMatch,
    item: ItemId,
) -> Result<Cart, Refusal> {
    const REMOVE: Script = write_script!(
        "local found = position(ARGV[6])
         if not found then return {'not in cart'} end
         table.remove(lines, found)
         return save()"
    );
    write(cache, &REMOVE, &[key], if_match, &[&item.to_string()]).await
}

/// Puts these lines in the place of all that there are.
pub async fn replace(
    cache: &Cache,
    key: &CartKey,
    if_match: &IfMatch,
    with: &[CartLine],
) -> Result<Cart, Refusal> {
    const REPLACE: Script = write_script!("lines = cjson.decode(ARGV[6]) return save()");
    let with: Vec<CartLine> = with.iter().map(kept).collect();
    let with = serde_json::to_string(&with).map_err(cache::Error::from)?;
    write(cache, &REPLACE, &[key], if_match, &[&with]).await
}

/// Moves the lines of a guest's cart into a client's. Where there is no guest's cart, as after a first
/// time, nothing changes.
pub async fn merge(cache: &Cache, client: &CartKey, guest: &CartKey) -> Result<Cart, Refusal> {
    const MERGE: Script = write_script!(
        "local _, theirs = read(KEYS[2])
         if #theirs == 0 then return answer() end
         for _, line in ipairs(theirs) do put(line) end
         local saved = save()
         if saved[1] == 'cart' then redis.call('del', KEYS[2]) end
         return saved"
    );
    write(cache, &MERGE, &[client, guest], &IfMatch::Any, &[]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Reply {
        Reply::Bytes(text.into())
    }

    #[test]
    fn the_script_is_told_every_version_that_the_client_has_seen() {
        assert_eq!(versions(&IfMatch::Any), "*");
        assert_eq!(versions(&IfMatch::Versions(vec![3, 14])), ",3,14,");
        assert_eq!(versions(&IfMatch::Versions(vec![])), ",");
        assert_eq!(versions(&IfMatch::Nothing), ",");
        assert_eq!(versions(&IfMatch::NoneOf(vec![3])), "!,3,");
    }

    #[test]
    fn an_answer_is_a_cart_or_why_there_is_none() {
        let empty = read(vec![bytes("cart"), Reply::Integer(7), bytes("[]")], 9).unwrap();
        assert_eq!((empty.version, empty.lines.len()), (7, 0));
        let item = "01939d6b-8f1c-7c43-9a5e-3f0a5d1c2b4e";
        let too_many = read(vec![bytes("too many"), bytes(item)], 9).unwrap_err();
        assert!(matches!(too_many, Refusal::TooMany { item: id } if id.to_string() == item));
        let refused = |text| read(vec![bytes(text)], 9).unwrap_err();
        assert!(matches!(refused("changed"), Refusal::Changed));
        assert!(matches!(refused("no cart"), Refusal::NoCart));
        assert!(matches!(refused("not in cart"), Refusal::NotInCart));
        assert!(matches!(refused("full"), Refusal::Full { most: 9 }));
        assert!(matches!(refused("cart"), Refusal::Cache(_)));
        assert!(matches!(refused("other"), Refusal::Cache(_)));
    }

    #[test]
    fn redis_knows_a_guest_by_a_digest_only() {
        let token = CartToken::generate().unwrap();
        assert!(!CartKey::of_guest(&token).name.contains(&token.to_text()));
    }

    #[test]
    fn a_long_name_is_kept_in_part() {
        let line = |name: String| CartLine {
            item_id: ItemId::from_bytes([1; 16]),
            quantity: Quantity::ONE,
            name,
        };
        assert_eq!(kept(&line("é".repeat(60))).name, "é".repeat(60));
        assert_eq!(kept(&line("é".repeat(61))).name, "é".repeat(60) + "…");
    }
}
