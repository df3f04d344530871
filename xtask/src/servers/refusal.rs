//! Why a database refuses: its error as one sentence, and what to do about it where that is known.

use anyhow::{Error, anyhow};
use mysql_async::Error as ClientError;

/// The server's own words for a login without TLS where it wants some; their number differs between servers.
const WANTS_TLS: [&str; 2] = ["insecure transport", "require_secure_transport"];

/// The error, said once: its own chain says the same thing several times over.
pub fn explain(error: ClientError) -> Error {
    let number = number(&error);
    let error = Error::from(error);
    let reason = error.root_cause().to_string();
    match number.map_or_else(|| remedy_of_text(&reason), |number| remedy(number, &reason)) {
        Some(remedy) => anyhow!("{reason}: {remedy}"),
        None => anyhow!("{reason}"),
    }
}

/// The number of a server's error; none where the server has not spoken.
pub fn number(error: &ClientError) -> Option<u16> {
    match error {
        ClientError::Server(error) => Some(error.code),
        _ => None,
    }
}

fn remedy(number: u16, reason: &str) -> Option<&'static str> {
    if WANTS_TLS.iter().any(|words| reason.contains(words)) {
        return Some(
            "it lets nobody in without TLS; add `?ssl-mode=verify_identity` to MYSQL_URL and run \
             `cargo run --package xtask --features tls -- …` in the place of `cargo xtask …`",
        );
    }
    match number {
        1044 | 1142 | 1143 | 1227 | 1370 | 1410 => Some(
            "this login lacks rights; have an administrator run \
             ``grant all on `comptoir%`.* to 'USER'@'HOST'`` (with your prefix, if you chose another)",
        ),
        1045 | 1698 => Some(
            "the user or the password is wrong, or this login may not come from here or not without \
             TLS; in a URL, a password's / ? # @ : and % are written %2F %3F %23 %40 %3A and %25",
        ),
        1130 => Some("this server lets nobody in from this machine; grant a login that it may use"),
        1290 | 1792 | 1836 | 3100 => Some(
            "this server may only be read, as a replica; name the primary, or end its read-only mode",
        ),
        1040 | 1203 | 1226 => {
            Some("it has no connection left; close some, or raise its max_connections")
        }
        1205 => Some(
            "somebody holds what it needs; `show processlist` says who, and the same command goes on \
             from here when they are done",
        ),
        1021 | 1114 | 3675 => {
            Some("its disk is full; free some space, and run the same command again")
        }
        1251 | 2059 => {
            Some("it wants a kind of password that is not known here; give the login another")
        }
        _ => None,
    }
}

fn remedy_of_text(reason: &str) -> Option<&'static str> {
    let reason = reason.to_ascii_lowercase();
    let has = |words: &str| reason.contains(words);
    if has("connection refused") {
        Some("nobody listens there; is it running, and is this its port?")
    } else if has("lookup address") || has("name or service not known") || has("no such host") {
        Some("this machine knows no host of that name")
    } else if has("unreachable") {
        Some("there is no way to it from this machine")
    } else if has("no known auth") || has("unknown auth") {
        Some("it wants a kind of password that is not known here; give the login another")
    } else if has("packet out of order") || has("eof") || has("connection closed") {
        Some("it hung up; is a MySQL or MariaDB listening there, and not something else?")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use mysql_async::ServerError;

    use super::*;

    fn refused(code: u16, message: &str) -> String {
        let error = ServerError {
            code,
            message: message.to_owned(),
            state: "HY000".to_owned(),
        };
        format!("{:#}", explain(ClientError::Server(error)))
    }

    #[test]
    fn a_refusal_is_said_once_and_with_its_remedy() {
        let denied = refused(1142, "CREATE command denied to user 'a'@'b' for table `t`");
        assert_eq!(denied.matches("CREATE command denied").count(), 1);
        assert!(denied.contains("grant all on `comptoir%`.*"), "{denied}");
        let replica = "The MariaDB server is running with the --read-only option";
        assert!(refused(1290, replica).contains("name the primary"));
        let tls = "Connections using insecure transport are prohibited while --require_secure_transport=ON.";
        assert!(refused(3159, tls).contains("ssl-mode=verify_identity"));
        assert!(refused(1045, "Access denied for user 'a'@'b'").contains("%2F"));
    }

    #[test]
    fn what_has_no_known_remedy_is_said_as_it_is() {
        assert!(refused(1064, "You have an error").contains("1064"));
    }
}
