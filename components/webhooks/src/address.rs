//! Where webhooks may go (SSRF: a merchant's address must not make this component ask for what only the
//! inside of the network may see).
//!
//! What is refused here, when a webhook is written and again each time it is sent:
//! - anything but `https://`, and credentials or a fragment in the URL;
//! - addresses of other components (`*.spin.internal`, `self.alt`), always;
//! - names of the inside: those that special-use registries keep from the public DNS (`localhost`, `local`,
//!   `internal`, `test`, …), and whatever is not below a suffix of the public suffix list, such as `foo.lan`,
//!   `x.svc` or a name without a dot;
//! - IP addresses, however they are spelled, that are not globally reachable: private, loopback, link-local
//!   (clouds answer with credentials there), shared (CGNAT), multicast, reserved, IPv6 ones that hold an
//!   IPv4 one, and those of clouds' own platforms.
//!
//! `webhooks_to_private_addresses` lets in the last two and `http://`.
//!
//! What a name resolves to cannot be seen from here: neither Spin nor the local host let a component look
//! names up. In Spin the setting `[outbound_networking] block_networks = ["private"]` of the host's runtime
//! configuration refuses such addresses after the lookup and at the moment of the connection, so that there
//! is nothing to rebind in between; a merchant's name that points inside then fails as any other that
//! cannot be reached. Redirects are followed by nobody.

use std::net::IpAddr;

use commerce::Text;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// As many characters as the column holds.
const MAX_LENGTH: usize = 2048;

/// Domains that are not of the public DNS or lead to no server of anybody: IANA's registry of special-use names
/// (RFC 6761, 6762, 7686, 8375, 9476) and ICANN's `internal`. Nobody serves below `arpa`.
const INSIDE: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
];

/// What documents and tests call their servers. RFC 6761 has programs treat such a name like any other; that the
/// public suffix list does not know it says nothing.
const EXAMPLE: [&str; 1] = ["example"];

/// Ways to other components of the application, or back into it.
const COMPONENTS: [&str; 2] = ["spin.internal", "self.alt"];

/// What IANA's registry of special-purpose IPv4 addresses does not call globally reachable, multicast, and
/// the address at which Azure's machines meet their platform.
const IPV4_REFUSED: [Ipv4Net; 17] = [
    ipv4([0, 0, 0, 0], 8),
    ipv4([10, 0, 0, 0], 8),
    ipv4([100, 64, 0, 0], 10),
    ipv4([127, 0, 0, 0], 8),
    ipv4([168, 63, 129, 16], 32),
    ipv4([169, 254, 0, 0], 16),
    ipv4([172, 16, 0, 0], 12),
    ipv4([192, 0, 0, 0], 24),
    ipv4([192, 0, 2, 0], 24),
    ipv4([192, 31, 196, 0], 24),
    ipv4([192, 52, 193, 0], 24),
    ipv4([192, 88, 99, 0], 24),
    ipv4([192, 168, 0, 0], 16),
    ipv4([198, 18, 0, 0], 15),
    ipv4([198, 51, 100, 0], 24),
    ipv4([203, 0, 113, 0], 24),
    ipv4([224, 0, 0, 0], 3),
];

/// Global unicast. Loopback, private, link-local, mapped, translated and multicast ones are outside of it.
const IPV6_GLOBAL: Ipv6Net = ipv6([0x2000, 0], 3);

/// What of it is not globally reachable, or holds an IPv4 address: protocol assignments with Teredo, the
/// documentation's, and 6to4.
const IPV6_REFUSED: [Ipv6Net; 4] = [
    ipv6([0x2001, 0], 23),
    ipv6([0x2001, 0xdb8], 32),
    ipv6([0x2002, 0], 16),
    ipv6([0x3fff, 0], 20),
];

const fn ipv4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn ipv6(start: [u16; 2], prefix: u8) -> Ipv6Net {
    let [a, b] = start;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Which addresses are good, by the variable `webhooks_to_private_addresses`.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub private: bool,
}

impl Reach {
    /// The address in its canonical form: what is judged is what is sent to, letter by letter.
    pub fn parse(self, text: &str) -> Result<String, Text> {
        let url = Url::parse(text.trim()).map_err(|_| not_a_url())?;
        let scheme_is_good = url.scheme() == "https" || (self.private && url.scheme() == "http");
        let plain = url.username().is_empty() && url.password().is_none();
        if !scheme_is_good || !plain || url.fragment().is_some() {
            return Err(not_a_url());
        }
        if url.as_str().len() > MAX_LENGTH {
            return Err(Text::new(
                format!("Au plus {MAX_LENGTH} caractères"),
                format!("At most {MAX_LENGTH} characters"),
            ));
        }
        let host = url.host().ok_or_else(not_a_url)?;
        if self.admits(&host) {
            Ok(url.into())
        } else {
            Err(Text::new(
                "Cette adresse n’est pas joignable de l’extérieur",
                "This address is not a public one",
            ))
        }
    }

    fn admits(self, host: &Host<&str>) -> bool {
        match host {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                !is_below(name, &COMPONENTS) && (self.private || is_public(name))
            }
            Host::Ipv4(address) => self.private || is_global(IpAddr::V4(*address)),
            Host::Ipv6(address) => self.private || is_global(IpAddr::V6(*address)),
        }
    }
}

fn not_a_url() -> Text {
    Text::new(
        "Une adresse https:// sans identifiants ni fragment",
        "An https:// URL without credentials or fragment",
    )
}

/// Whether a name is somebody's below a suffix under which anybody can have one.
fn is_public(name: &str) -> bool {
    let is_registered = || {
        let domain = psl::domain(name.as_bytes());
        domain.is_some_and(|domain| domain.suffix().is_known())
    };
    let is_example = || name.contains('.') && is_below(name, &EXAMPLE);
    !is_below(name, &INSIDE) && (is_registered() || is_example())
}

/// The parser of URLs has made the name lower-case.
fn is_below(name: &str, domains: &[&str]) -> bool {
    domains.iter().any(|domain| {
        let rest = name.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn is_global(address: IpAddr) -> bool {
    match IpNet::from(address) {
        IpNet::V4(address) => !IPV4_REFUSED.iter().any(|net| net.contains(&address)),
        IpNet::V6(address) => {
            IPV6_GLOBAL.contains(&address) && !IPV6_REFUSED.iter().any(|net| net.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: Reach = Reach { private: false };
    const PRIVATE: Reach = Reach { private: true };

    #[test]
    fn a_public_address_is_kept_in_its_canonical_form() {
        for (text, canonical) in [
            ("https://shop.example/hook", "https://shop.example/hook"),
            (" HTTPS://Shop.Example:443 ", "https://shop.example/"),
            (
                "https://shop.example:8443/a?b=é",
                "https://shop.example:8443/a?b=%C3%A9",
            ),
            (
                "https://épicerie.example/",
                "https://xn--picerie-9xa.example/",
            ),
            ("https://93.184.215.14/", "https://93.184.215.14/"),
            ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ] {
            assert_eq!(PUBLIC.parse(text).unwrap(), canonical);
        }
    }

    #[test]
    fn only_plain_https_is_taken() {
        for text in [
            "",
            "shop.example",
            "http://shop.example/",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "https://user@shop.example/",
            "https://:password@shop.example/",
            "https://shop.example/#fragment",
            "https:///",
        ] {
            assert!(PUBLIC.parse(text).is_err(), "{text}");
        }
        let long = format!("https://shop.example/{}", "a".repeat(MAX_LENGTH));
        assert!(PUBLIC.parse(&long).is_err());
    }

    #[test]
    fn what_is_inside_is_refused_however_it_is_spelled() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "mariadb",
            "printer.local",
            "metadata.google.internal",
            "router.home.arpa",
            "10.in-addr.arpa",
            "foo.lan",
            "x.svc",
            "db.default.svc.cluster.local",
            "nas.home",
            "wiki.corp",
            "gw.localdomain",
            "a.b.intranet",
            "shop.test",
            "shop.invalid",
            "abcdefghijklmnop.onion",
            "node.alt",
            "localhost..",
            "foo.LAN.",
            "foo.ｌａｎ",
            "ⓛocalhost",
            "printer。local",
            "com",
            "co.uk",
            "xn--p1ai",
            "épicerie",
            "127.0.0.1",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "017700000001",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "168.63.129.16",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:93.184.215.14]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[ff02::1]",
            "①②⑦.0.0.1",
        ] {
            let url = format!("https://{host}/");
            assert!(PUBLIC.parse(&url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_name_that_only_looks_alike_is_public() {
        for host in [
            "notlocalhost.example",
            "local.example",
            "spin.internal.example",
            "localhost.fr",
            "internal.co.uk",
            "test.com.",
            "lan.example.org",
            "xn--e1afmkfd.xn--p1ai",
            "boutique.みんな",
            "shop.github.io",
        ] {
            assert!(PUBLIC.parse(&format!("https://{host}/")).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_developer_may_go_to_a_machine_of_their_own_and_never_into_a_component() {
        for url in [
            "http://127.0.0.1:8080/hook",
            "https://[::1]/",
            "http://receiver/",
        ] {
            assert!(PRIVATE.parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://orders.spin.internal/internal/orders",
            "https://Orders.Spin.Internal./",
            "http://self.alt/",
            "ftp://127.0.0.1/",
        ] {
            assert!(PRIVATE.parse(url).is_err(), "{url}");
        }
    }
}
