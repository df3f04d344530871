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

    /// How a request is counted; as one that reads or writes where nothing else is said.
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

/// Routes that are counted together. Its name is that of its policy in the variable `rate_limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub(crate) name: &'static str,
    method: Option<&'static str>,
    path: &'static str,
    pub(crate) counted: Counted,
}

/// What is counted of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Requests,
    /// Points, which the service takes itself when it knows what a request costs ([`crate::Budget`]).
    Points,
    Nothing,
}

impl Group {
    /// Requests of one method to one path.
    pub const fn requests(name: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            name,
            method: Some(method),
            path,
            counted: Counted::Requests,
        }
    }

    /// A path whose requests are counted by what they cost.
    pub const fn points(name: &'static str, path: &'static str) -> Self {
        Self {
            name,
            method: None,
            path,
            counted: Counted::Points,
        }
    }

    /// A path that is never refused, because a machine of ours asks it.
    pub const fn unlimited(path: &'static str) -> Self {
        Self {
            name: "unlimited",
            method: None,
            path,
            counted: Counted::Nothing,
        }
    }

    /// All requests that only read, or all others.
    pub(crate) fn plain(method: &Method) -> Self {
        Self {
            name: if method.is_safe() { "read" } else { "write" },
            method: None,
            path: "",
            counted: Counted::Requests,
        }
    }

    fn has(&self, method: &Method, path: &str) -> bool {
        self.path == path && self.method.is_none_or(|own| method == own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Service = Service::new(
        "accounts",
        &[
            Group::requests("login", "POST", "/api/auth/login"),
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
}
