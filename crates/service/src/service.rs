//! What a component says of itself beside its router: its name, which of its routes are counted in a way of
//! their own, and whether what it shows is for everybody.

use http::Method;

/// A component, as the entry of its requests knows it.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub(crate) name: &'static str,
    groups: &'static [Group],
    is_public: bool,
}

impl Service {
    pub const fn new(name: &'static str, groups: &'static [Group]) -> Self {
        Self {
            name,
            groups,
            is_public: false,
        }
    }

    /// What is read here without signing in may be kept and given to anybody for a moment.
    pub const fn read_by_anybody(self) -> Self {
        Self {
            is_public: true,
            ..self
        }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.is_public
    }

    /// What is said of a request's route; that it reads or writes, where nothing else is.
    pub(crate) fn group(&self, method: &Method, path: &str) -> Group {
        let mut groups = self.groups.iter();
        let own = groups.find(|group| group.has(method, path));
        own.copied().unwrap_or_else(|| Group::plain(method))
    }
}

/// A component of which its name is all there is to say.
impl From<&'static str> for Service {
    fn from(name: &'static str) -> Self {
        Self::new(name, &[])
    }
}

/// The largest body that a route takes which says nothing else, in KiB.
const BODY_KIB: usize = 64;

/// What is said of a route beside its declaration: with which others it is counted, for how many requests one of
/// it counts, and how large a body may be. Its name is that of its policy in the variable `rate_limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub(crate) name: &'static str,
    method: Option<&'static str>,
    path: &'static str,
    pub(crate) counted: Counted,
    /// For how many plain requests one counts.
    pub(crate) weight: u64,
    /// Counted for the network address, whoever signs it: one's own tokens do not open a door more often.
    pub(crate) is_door: bool,
    body_kib: usize,
}

/// What is counted of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Requests,
    /// Only where its own policy is set: it does not count with what reads or writes.
    Apart,
    /// Points, which the service takes itself when it knows what a request costs ([`crate::Budget`]).
    Points,
    Nothing,
}

impl Group {
    /// Requests of one method to one path, whose parameters stand in braces. `GET` is `HEAD` too.
    pub const fn requests(name: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            method: Some(method),
            path,
            ..Self::counted_as(name, Counted::Requests)
        }
    }

    /// Requests that are counted with all that reads or all that writes, and say more than that.
    pub const fn of(method: &'static str, path: &'static str) -> Self {
        Self::requests("", method, path)
    }

    /// A path whose requests are counted by what they cost.
    pub const fn points(name: &'static str, path: &'static str) -> Self {
        Self {
            path,
            ..Self::counted_as(name, Counted::Points)
        }
    }

    /// A path that has a limit if its own policy is set, and else none: a machine of ours asks it.
    pub const fn apart(name: &'static str, path: &'static str) -> Self {
        Self {
            path,
            ..Self::counted_as(name, Counted::Apart)
        }
    }

    /// A path that is never refused, because it costs nothing.
    pub const fn unlimited(path: &'static str) -> Self {
        Self {
            path,
            ..Self::counted_as("unlimited", Counted::Nothing)
        }
    }

    /// One request of it counts for so many.
    pub const fn weighing(self, weight: u64) -> Self {
        Self { weight, ..self }
    }

    /// It is counted for the network address always, and for the account too if there is a good token.
    pub const fn at_the_door(self) -> Self {
        Self {
            is_door: true,
            ..self
        }
    }

    /// Bodies of it may have so many KiB.
    pub const fn taking_kib(self, body_kib: usize) -> Self {
        Self { body_kib, ..self }
    }

    /// All requests that only read, or all others.
    pub(crate) const fn plain(method: &Method) -> Self {
        Self::counted_as(plain_name(method), Counted::Requests)
    }

    const fn counted_as(name: &'static str, counted: Counted) -> Self {
        Self {
            name,
            method: None,
            path: "",
            counted,
            weight: 1,
            is_door: false,
            body_kib: BODY_KIB,
        }
    }

    /// The largest body, in bytes.
    pub(crate) const fn body_limit(&self) -> usize {
        self.body_kib * 1024
    }

    fn has(&self, method: &Method, path: &str) -> bool {
        let is_method = |own| method == own || (own == "GET" && method == Method::HEAD);
        self.method.is_none_or(is_method) && matches(self.path, path)
    }
}

const fn plain_name(method: &Method) -> &'static str {
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE => "read",
        _ => "write",
    }
}

/// Whether a path is one of a route's, segment by segment.
fn matches(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(own), Some(asked)) if own == asked => {}
            (Some(own), Some(asked)) if own.starts_with('{') && !asked.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Service = Service::new(
        "accounts",
        &[
            Group::requests("login", "POST", "/api/auth/login").at_the_door(),
            Group::of("GET", "/api/orders/{id}/invoice.pdf").weighing(20),
            Group::of("PUT", "/api/merchants/{id}/logo").taking_kib(256),
            Group::unlimited("/livez"),
        ],
    );

    #[test]
    fn a_route_is_in_its_own_group_and_every_other_reads_or_writes() {
        let name = |method: Method, path| SERVICE.group(&method, path).name;
        assert_eq!(name(Method::POST, "/api/auth/login"), "login");
        assert_eq!(name(Method::GET, "/api/auth/login"), "read");
        assert_eq!(name(Method::DELETE, "/api/auth"), "write");
        let health = SERVICE.group(&Method::GET, "/livez");
        assert_eq!(health.counted, Counted::Nothing);
    }

    #[test]
    fn a_route_is_known_whatever_its_parameters_are() {
        let weight = |method: Method, path| SERVICE.group(&method, path).weight;
        assert_eq!(weight(Method::GET, "/api/orders/7/invoice.pdf"), 20);
        // What is told of an answer is as dear as the answer.
        assert_eq!(weight(Method::HEAD, "/api/orders/7/invoice.pdf"), 20);
        for other in [
            "/api/orders//invoice.pdf",
            "/api/orders/7",
            "/api/orders/7/invoice.pdf/more",
            "/api/orders/7/invoice.xml",
        ] {
            assert_eq!(weight(Method::GET, other), 1, "{other}");
        }
    }

    #[test]
    fn a_body_is_small_unless_its_route_says_more() {
        let limit = |path| SERVICE.group(&Method::PUT, path).body_limit();
        assert_eq!(limit("/api/merchants/shop/logo"), 256 * 1024);
        assert_eq!(limit("/api/merchants/shop"), 64 * 1024);
    }
}
