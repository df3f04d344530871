//! What whoever asks is told of their limits: `RateLimit-Policy` and `RateLimit`, structured fields
//! (RFC 9651) as draft-ietf-httpapi-ratelimit-headers has them.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Policy;

pub(crate) const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Where a request stands with one policy.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub policy: Policy,
    /// What is counted, if it is not requests.
    pub unit: Option<&'static str>,
    pub remaining: u64,
    /// Seconds until there is more again.
    pub reset: u64,
}

/// Adds both headers, with an item for each policy that the request met.
pub(crate) fn write(standings: &[Standing], headers: &mut HeaderMap) {
    let (mut policies, mut limits) = (String::new(), String::new());
    for standing in standings {
        let comma = if policies.is_empty() { "" } else { ", " };
        let Policy {
            name,
            quota,
            seconds,
        } = &standing.policy;
        let (remaining, reset) = (standing.remaining, standing.reset);
        // Writing to a String cannot fail.
        let _ = write!(policies, "{comma}\"{name}\";q={quota};w={seconds}");
        if let Some(unit) = standing.unit {
            let _ = write!(policies, ";qu=\"{unit}\"");
        }
        let _ = write!(limits, "{comma}\"{name}\";r={remaining};t={reset}");
    }
    for (name, value) in [(RATELIMIT_POLICY, policies), (RATELIMIT, limits)] {
        match HeaderValue::try_from(value) {
            Ok(value) if !value.is_empty() => drop(headers.insert(name, value)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_that_was_met_is_told() {
        let standing = |name: &str, unit, remaining| Standing {
            policy: Policy {
                name: name.into(),
                quota: 30,
                seconds: 60,
            },
            unit,
            remaining,
            reset: 66,
        };
        let mut headers = HeaderMap::new();
        write(&[], &mut headers);
        assert!(headers.is_empty());
        let both = [
            standing("write", None, 29),
            standing("graphql", Some("points"), 0),
        ];
        write(&both, &mut headers);
        assert_eq!(
            headers[RATELIMIT_POLICY],
            "\"write\";q=30;w=60, \"graphql\";q=30;w=60;qu=\"points\""
        );
        assert_eq!(
            headers[RATELIMIT],
            "\"write\";r=29;t=66, \"graphql\";r=0;t=66"
        );
    }
}
