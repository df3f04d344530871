//! Policies as the variable `rate_limits` writes them: `read=1200/60 login=30/60`, each a name, what is let
//! through, and within how many seconds.

use std::str::FromStr;
use std::sync::Arc;

use http::Method;

/// So much within a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Of small letters and hyphens.
    pub name: Arc<str>,
    pub quota: u64,
    pub seconds: u64,
}

/// Every policy. Where there is none for a group, it is counted with what reads or writes; where
/// there is none for that either, nothing is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(Vec<Policy>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form name=quota/seconds, with whole numbers of 1 to a billion")]
pub(crate) struct BadPolicy(String);

impl Policies {
    /// The policy of a group, which may be that of all that reads or writes.
    pub fn of(&self, group: &str, method: &Method) -> Option<&Policy> {
        let plain = if method.is_safe() { "read" } else { "write" };
        self.named(group).or_else(|| self.named(plain))
    }

    pub fn named(&self, name: &str) -> Option<&Policy> {
        self.0.iter().find(|policy| &*policy.name == name)
    }
}

impl FromStr for Policies {
    type Err = BadPolicy;

    fn from_str(text: &str) -> Result<Self, BadPolicy> {
        let parse = |word: &str| parse(word).ok_or_else(|| BadPolicy(word.to_owned()));
        let policies = text.split_whitespace().map(parse);
        policies.collect::<Result<_, _>>().map(Self)
    }
}

fn parse(word: &str) -> Option<Policy> {
    let (name, policy) = word.split_once('=')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if name.is_empty() || !name.bytes().all(plain) {
        return None;
    }
    let (quota, seconds) = policy.split_once('/')?;
    let number = |text: &str| {
        let number = text.parse().ok()?;
        (1..=1_000_000_000).contains(&number).then_some(number)
    };
    Some(Policy {
        name: name.into(),
        quota: number(quota)?,
        seconds: number(seconds)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_a_policy_is_counted_with_what_reads_or_writes() {
        let policies: Policies = "read=100/60 write=20/60 login=5/600".parse().unwrap();
        let name = |group, method| policies.of(group, &method).map(|policy| &*policy.name);
        assert_eq!(name("login", Method::POST), Some("login"));
        assert_eq!(name("register", Method::POST), Some("write"));
        assert_eq!(name("orders", Method::GET), Some("read"));
        let login = policies.of("login", &Method::POST).unwrap();
        assert_eq!((login.quota, login.seconds), (5, 600));
        let none: Policies = "".parse().unwrap();
        assert_eq!(none.of("login", &Method::POST), None);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for text in [
            "login",
            "login=5",
            "login=/60",
            "login=0/60",
            "login=5/0",
            "login=-5/60",
            "=5/60",
            "lo\"gin=5/60",
            "login=2000000000/60",
        ] {
            let refused = text.parse::<Policies>().unwrap_err();
            assert_eq!(refused, BadPolicy(text.to_owned()));
        }
    }
}
