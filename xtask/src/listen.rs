//! Where `up` serves: `--listen` read, found and tried before anything else is done, so that what is wrong with
//! it is said at once and by its name.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};

use anyhow::{Context, Result, bail, ensure};

/// An address and a port of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(SocketAddr);

impl Listen {
    /// Reads `ADDRESS:PORT`, where the address may be a name such as `localhost`.
    pub fn parse(text: &str) -> Result<Self> {
        if let Ok(address) = text.parse() {
            return Ok(Self(address));
        }
        let Some((host, port)) = text.rsplit_once(':') else {
            bail!("it has no port: 127.0.0.1:3000, or [::1]:3000");
        };
        ensure!(!host.is_empty(), "it has no address: 127.0.0.1:{port}");
        let Ok(number) = port.parse::<u16>() else {
            bail!("`{port}` is no port, which is a number up to 65535");
        };
        // Also on a machine without a list of names (RFC 6761 §6.3).
        if host.eq_ignore_ascii_case("localhost") {
            return Ok(Self((Ipv4Addr::LOCALHOST, number).into()));
        }
        ensure!(
            !host.contains(':'),
            "an IPv6 address stands in brackets: [::1]:{port}"
        );
        let found = text
            .to_socket_addrs()
            .with_context(|| format!("this machine knows no host `{host}`"))?;
        let found: Vec<SocketAddr> = found.collect();
        // Most tools that are given a name try the older one.
        let address = found.iter().find(|address| address.is_ipv4());
        let address = address.or(found.first());
        Ok(Self(
            *address.with_context(|| format!("`{host}` has no address"))?,
        ))
    }

    /// Whether nobody but this machine reaches it.
    pub fn is_loopback(&self) -> bool {
        self.0.ip().is_loopback()
    }

    /// Whether a server could listen there now.
    pub fn check(&self) -> Result<()> {
        match TcpListener::bind(self.0) {
            Ok(_) => Ok(()),
            Err(error) => bail!("{} {}", self.0, reason(&error, self.0.port())),
        }
    }
}

fn reason(error: &Error, port: u16) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "is taken by another program: choose another port with --listen \
                                 127.0.0.1:PORT (`ss -ltnp` shows who has it)"
            .to_owned(),
        ErrorKind::AddrNotAvailable => {
            "is no address of this machine: 127.0.0.1 is for this machine alone, 0.0.0.0 for all of its \
             networks"
                .to_owned()
        }
        ErrorKind::PermissionDenied if port < 1024 => {
            "needs the rights of root, as all ports below 1024 do: choose a higher one, and let a proxy stand \
             before it"
                .to_owned()
        }
        _ => format!("cannot be listened on: {error}"),
    }
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Listen {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:#}", Listen::parse(text).unwrap_err())
    }

    #[test]
    fn an_address_is_read_with_its_port() {
        for text in ["127.0.0.1:3000", "0.0.0.0:80", "[::1]:3000"] {
            assert_eq!(Listen::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Listen::parse("localhost:3000").unwrap().to_string(),
            "127.0.0.1:3000"
        );
        assert!(Listen::parse("127.0.0.9:1").unwrap().is_loopback());
        assert!(!Listen::parse("0.0.0.0:1").unwrap().is_loopback());
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        assert!(refused("3000").contains("it has no port"));
        assert!(refused("127.0.0.1").contains("it has no port"));
        assert!(refused(":3000").contains("it has no address"));
        assert!(refused("127.0.0.1:70000").contains("`70000` is no port"));
        assert!(refused("127.0.0.1:http").contains("`http` is no port"));
        assert!(
            refused("::1:3000").contains("[::1]:3000"),
            "{}",
            refused("::1:3000")
        );
        assert!(refused("no-such-host.invalid:1").contains("knows no host"));
    }

    #[test]
    fn a_port_that_is_taken_and_an_address_of_another_machine_are_told_apart() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = Listen(taken.local_addr().unwrap());
        assert!(listen.check().unwrap_err().to_string().contains("is taken"));
        let elsewhere = Listen::parse("192.0.2.1:3000").unwrap();
        let error = elsewhere.check().unwrap_err().to_string();
        assert!(error.contains("is no address of this machine"), "{error}");
        assert!(Listen::parse("127.0.0.1:0").unwrap().check().is_ok());
    }
}
