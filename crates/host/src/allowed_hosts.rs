//! `allowed_outbound_hosts`: which addresses a component may reach.
//!
//! Scheme, host and port must all match one entry; each may be `*`, a host may be `*.domain`, a
//! port may be a range `a..b`. Refuses by name what this host does not serve: requests to
//! oneself, sockets, and networks written as CIDR. The way to a peer is an entry like any other.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};
use url::{Host, Url};

use crate::variables::Values;

const PEERS: &str = "spin.internal";

/// What one component may reach.
#[derive(Debug, Default)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    scheme: Option<String>,
    host: HostRule,
    port: PortRule,
}

#[derive(Debug)]
enum HostRule {
    Any,
    Below(String),
    Peers(BTreeSet<String>),
    Exactly(Host),
}

#[derive(Debug)]
enum PortRule {
    Any,
    Within(Range<u32>),
}

impl AllowedHosts {
    /// Fills and reads the entries of one component. `components` are all ids of the
    /// application, which `*.spin.internal` stands for.
    pub fn settle(
        entries: &[String],
        values: &Values,
        components: &BTreeSet<String>,
    ) -> Result<Self> {
        let mut allowed = Vec::new();
        for template in entries {
            let filled = values
                .fill(template)
                .with_context(|| format!("`{template}`"))?;
            // An optional peer is a variable that may be empty.
            let is_template = filled != *template;
            if is_template && matches!(filled.as_str(), "" | "http://" | "https://") {
                continue;
            }
            allowed.push(read_entry(&filled, components).with_context(|| format!("`{template}`"))?);
        }
        Ok(Self(allowed))
    }

    /// Whether `address` may be reached; one without a scheme is read with `scheme`.
    #[must_use]
    pub fn allow(&self, address: &str, scheme: &str) -> bool {
        let Some(url) = read_address(address, scheme) else {
            return false;
        };
        let Some(host) = url.host_str().and_then(|host| Host::parse(host).ok()) else {
            return false;
        };
        let port = url.port().or_else(|| usual_port(url.scheme()));
        self.0.iter().any(|entry| {
            entry.scheme.as_deref().is_none_or(|s| s == url.scheme())
                && entry.host.allow(&host)
                && entry.port.allow(port)
        })
    }
}

impl HostRule {
    fn allow(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Below(suffix), Host::Domain(domain)) => domain.ends_with(suffix),
            (Self::Peers(domains), Host::Domain(domain)) => domains.contains(domain),
            (Self::Exactly(exact), host) => exact == host,
            (Self::Below(_) | Self::Peers(_), _) => false,
        }
    }
}

impl PortRule {
    fn allow(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::Within(range), Some(port)) => range.contains(&u32::from(port)),
            (Self::Within(_), None) => false,
        }
    }
}

/// The component that `http://<component>.spin.internal` names, if the host is of that kind.
#[must_use]
pub fn find_peer(host: &str) -> Option<&str> {
    let (component, domain) = host.split_once('.')?;
    (domain == PEERS).then_some(component)
}

fn read_entry(entry: &str, components: &BTreeSet<String>) -> Result<Entry> {
    let (scheme, rest) = entry
        .trim()
        .split_once("://")
        .context("an allowed host is written <scheme>://<host>[:<port>]")?;
    ensure!(
        scheme == "*" || (!scheme.is_empty() && scheme.chars().all(char::is_alphabetic)),
        "the scheme of an allowed host is a word or `*`"
    );
    ensure!(
        !matches!(scheme, "tcp" | "udp"),
        "sockets are not supported by this host"
    );
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    ensure!(
        !rest.contains('/'),
        "an allowed host has no path, and networks (CIDR) are not supported by this host"
    );
    let (host, port) = match rest.rsplit_once(':') {
        // The last colon of `[::1]` belongs to the address.
        Some((_, tail)) if tail.ends_with(']') => (rest, ""),
        Some((host, port)) => (host, port),
        None => (rest, ""),
    };
    Ok(Entry {
        scheme: (scheme != "*").then(|| scheme.to_owned()),
        host: read_host(host.trim(), components)?,
        port: read_port(port, scheme)?,
    })
}

fn read_host(host: &str, components: &BTreeSet<String>) -> Result<HostRule> {
    if host == "*" {
        return Ok(HostRule::Any);
    }
    ensure!(
        host != "self" && host != "self.alt",
        "requests to oneself are not supported by this host"
    );
    if let Some(domain) = host.strip_prefix("*.") {
        if domain == PEERS {
            let domains = components.iter().map(|id| format!("{id}.{PEERS}"));
            return Ok(HostRule::Peers(domains.collect()));
        }
        return match Host::parse(domain) {
            Ok(Host::Domain(domain)) if !domain.contains('*') => {
                Ok(HostRule::Below(format!(".{domain}")))
            }
            _ => bail!("after `*.` comes a domain"),
        };
    }
    ensure!(
        !host.contains('*'),
        "`*` stands for a whole host or whole subdomains"
    );
    Ok(HostRule::Exactly(
        Host::parse(host).context("the host is not valid")?,
    ))
}

fn read_port(port: &str, scheme: &str) -> Result<PortRule> {
    let number = |text: &str| {
        text.parse::<u16>()
            .map(u32::from)
            .with_context(|| format!("the port {text:?} is not a number"))
    };
    if port == "*" {
        return Ok(PortRule::Any);
    }
    if let Some((start, end)) = port.split_once("..") {
        return Ok(PortRule::Within(number(start)?..number(end)?));
    }
    let port = if port.is_empty() {
        usual_port(scheme)
            .map(u32::from)
            .with_context(|| format!("the scheme {scheme:?} has no usual port: write one"))?
    } else {
        number(port)?
    };
    Ok(PortRule::Within(port..port + 1))
}

/// Reads an address as the clients do, so that nothing is judged by one host and sent to another.
fn read_address(address: &str, scheme: &str) -> Option<Url> {
    match Url::parse(address) {
        Ok(url) if url.has_host() => Some(url),
        _ => Url::parse(&format!("{scheme}://{address}")).ok(),
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" => 80,
        "https" => 443,
        "mqtt" => 1883,
        "mysql" => 3306,
        "postgres" => 5432,
        "redis" => 6379,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(entry: &str) -> AllowedHosts {
        let components = BTreeSet::from(["cart".to_owned(), "orders".to_owned()]);
        AllowedHosts::settle(&[entry.to_owned()], &Values::default(), &components).unwrap()
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        let hosts = allowed("mysql://db.example:3307");
        assert!(hosts.allow("mysql://root:p@db.example:3307/shop?x=y", "mysql"));
        assert!(!hosts.allow("mysql://db.example/shop", "mysql"));
        assert!(!hosts.allow("redis://db.example:3307", "redis"));
        assert!(!hosts.allow("mysql://evil.example:3307", "mysql"));
    }

    #[test]
    fn a_scheme_brings_its_usual_port() {
        assert!(allowed("redis://127.0.0.1").allow("redis://127.0.0.1:6379/0", "redis"));
        assert!(allowed("redis://127.0.0.1").allow("redis://:pw@127.0.0.1", "redis"));
        assert!(!allowed("redis://127.0.0.1").allow("redis://127.0.0.1:6380", "redis"));
    }

    #[test]
    fn an_address_without_a_scheme_takes_the_callers() {
        assert!(allowed("mysql://db:3306").allow("db:3306", "mysql"));
    }

    #[test]
    fn a_password_may_hold_an_at_sign() {
        assert!(allowed("mysql://db:3306").allow("mysql://u:p@ss@db:3306/x", "mysql"));
    }

    #[test]
    fn a_host_that_is_only_written_somewhere_does_not_count() {
        let good = allowed("mysql://good:3306");
        assert!(!good.allow("mysql://good:3306@evil:3306/x", "mysql"));
        assert!(!good.allow("mysql://evil:3306?x=@good:3306/x", "mysql"));
        assert!(!good.allow("mysql://evil:3306/@good:3306", "mysql"));
    }

    #[test]
    fn wildcards_stand_for_any_or_for_subdomains() {
        assert!(allowed("*://*:*").allow("https://any.example:8443/x", "https"));
        let below = allowed("https://*.example.com");
        assert!(below.allow("https://a.b.example.com/", "https"));
        assert!(!below.allow("https://example.com/", "https"));
        assert!(!below.allow("https://badexample.com/", "https"));
    }

    #[test]
    fn ports_may_be_a_range_without_its_end() {
        let range = allowed("http://h:8000..8010");
        assert!(range.allow("http://h:8000", "http"));
        assert!(range.allow("http://h:8009", "http"));
        assert!(!range.allow("http://h:8010", "http"));
    }

    #[test]
    fn the_wildcard_of_peers_stands_for_declared_components() {
        let peers = allowed("http://*.spin.internal");
        assert!(peers.allow("http://cart.spin.internal/x", "http"));
        assert!(!peers.allow("http://ghost.spin.internal/x", "http"));
    }

    #[test]
    fn only_a_single_label_before_spin_internal_is_a_peer() {
        assert_eq!(find_peer("cart.spin.internal"), Some("cart"));
        assert_eq!(find_peer("a.cart.spin.internal"), None);
        assert_eq!(find_peer("spin.internal"), None);
        assert_eq!(find_peer("cart.spin.internal.evil.example"), None);
    }

    #[test]
    fn what_this_host_does_not_serve_is_refused() {
        let refuse = |entry: &str| {
            AllowedHosts::settle(&[entry.to_owned()], &Values::default(), &BTreeSet::new())
                .unwrap_err()
        };
        assert!(format!("{:#}", refuse("http://self")).contains("to oneself"));
        assert!(format!("{:#}", refuse("tcp://h:1")).contains("sockets"));
        assert!(format!("{:#}", refuse("http://10.0.0.0/8")).contains("CIDR"));
        assert!(format!("{:#}", refuse("db:3306")).contains("<scheme>://"));
        assert!(format!("{:#}", refuse("ftp://x")).contains("no usual port"));
    }
}
