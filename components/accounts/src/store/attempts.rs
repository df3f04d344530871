//! Sign-in attempts in Redis, counted so that passwords cannot be tried at will and nobody is locked out by others.
//!
//! Three brakes, from the closest: an e-mail from one network, an e-mail from all networks, one network for all
//! e-mails. The second two are for strangers: a network from which somebody has signed in to an account goes on
//! signing in to it, whatever others try elsewhere, and has a brake of its own.
//!
//! An attempt is counted before its password is checked – a hundred at once are a hundred – and a success takes
//! its own back. Keys are digests: of one length whatever was typed, and whoever reads Redis reads no e-mail.

use cache::{Cache, Script};
use sha2::{Digest, Sha256};

/// Attempts within [`WINDOW_SECONDS`]: for one e-mail from one network that is new to it, from one that is not, for
/// one e-mail from all networks that are new to it, and from one network for all e-mails.
const LIMITS: [&str; 4] = ["10", "100", "100", "100"];
const WINDOW_SECONDS: &str = "900";
/// How long a network is remembered from which somebody has signed in: 90 days.
const KNOWN_SECONDS: &str = "7776000";

/// Keys: the pair, the e-mail, the network, and what says that they belong together. Answers 0 and counts the
/// attempt, or the seconds until one may be made.
const ATTEMPT: Script = Script::new(
    "local limits = {ARGV[1], ARGV[3], ARGV[4]}
     local brakes = 3
     if redis.call('exists', KEYS[4]) == 1 then
       limits[1] = ARGV[2]
       brakes = 1
     end
     local wait = 0
     for i = 1, brakes do
       if tonumber(redis.call('get', KEYS[i]) or '0') >= tonumber(limits[i]) then
         wait = math.max(wait, redis.call('ttl', KEYS[i]), 1)
       end
     end
     if wait == 0 then
       for i = 1, brakes do
         if redis.call('incr', KEYS[i]) == 1 then redis.call('expire', KEYS[i], ARGV[5]) end
       end
     end
     return wait",
);

/// A good password shows that the e-mail's owner is there: the pair counts nothing any more and is known, the
/// others count one less.
const SUCCEED: Script = Script::new(
    "local was_known = redis.call('exists', KEYS[4]) == 1
     redis.call('set', KEYS[4], '1', 'EX', ARGV[1])
     redis.call('del', KEYS[1])
     if was_known then return end
     for i = 2, 3 do
       if tonumber(redis.call('get', KEYS[i]) or '0') > 0 then redis.call('decr', KEYS[i]) end
     end",
);

/// Counts an attempt. The seconds to wait if there were too many.
pub async fn count(cache: &Cache, email: &str, network: &str) -> cache::Result<Option<i64>> {
    let [pair, new, all, one] = LIMITS;
    let args = [pair, new, all, one, WINDOW_SECONDS].map(str::as_bytes);
    let keys = keys(email, network);
    let keys = keys.each_ref().map(String::as_str);
    let replies = cache.run(&ATTEMPT, &keys, &args).await?;
    let wait = replies
        .first()
        .ok_or(cache::Error::Unexpected("wanted the seconds to wait"))?
        .integer()?;
    Ok((wait > 0).then_some(wait))
}

/// Takes a successful attempt back, and remembers where it came from.
pub async fn succeed(cache: &Cache, email: &str, network: &str) -> cache::Result<()> {
    let keys = keys(email, network);
    let keys = keys.each_ref().map(String::as_str);
    let args = [KNOWN_SECONDS.as_bytes()];
    cache.run(&SUCCEED, &keys, &args).await.map(drop)
}

fn keys(email: &str, network: &str) -> [String; 4] {
    let pair = digest(&[email, network]);
    [
        format!("accounts:attempts:pair:{pair}"),
        format!("accounts:attempts:email:{}", digest(&[email])),
        format!("accounts:attempts:network:{}", digest(&[network])),
        format!("accounts:known:{pair}"),
    ]
}

/// The first half of a SHA-256, in hexadecimal; no two lists of texts are hashed as the same bytes.
fn digest(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.len().to_be_bytes());
        hasher.update(text);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let half = digest.iter().take(16);
    format!(
        "{:032x}",
        half.fold(0_u128, |all, byte| all << 8 | u128::from(*byte))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_one_length_and_says_nothing_of_the_e_mail() {
        let long = "x".repeat(1_000_000);
        for email in ["zoe@example.org", "", &long] {
            for key in keys(email, "192.0.2.7") {
                assert!(key.len() < 80, "{}", key.len());
                assert!(!key.contains("zoe") && !key.contains("192.0"), "{key}");
            }
        }
    }

    #[test]
    fn what_is_typed_in_one_field_is_not_what_is_typed_in_two() {
        assert_ne!(keys("ab", "c")[0], keys("a", "bc")[0]);
        assert_ne!(keys("ab", "c")[0], keys("abc", "")[0]);
    }
}
