//! What can go wrong between a service and its database, told apart by what a caller may do about it.
//!
//! Spin passes a server's error on as text (`… ServerError { code: 1062, message: "…" …`), so the code is
//! read out of it here, once.

use spin_sdk::mysql::{Error as SdkError, MysqlError};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had, or it was lost: nothing of the transaction happened.
    #[error("the database is unreachable: {0}")]
    Unavailable(String),
    /// A pooled connection turned out dead at its first statement: nothing happened on it. This room
    /// replaces it, and nobody else sees this.
    #[error("a pooled connection was dead: {0}")]
    Stale(String),
    /// Every connection that this instance, or its host, may have is in use.
    #[error("all database connections are in use")]
    Busy,
    /// The answer to `COMMIT` was lost: the transaction happened or not.
    #[error("the answer to a commit was lost: {0}")]
    InDoubt(String),
    /// A unique key refused the row (1062); `key` is its name in the migration.
    #[error("duplicate entry for key `{key}`")]
    Duplicate { key: String },
    /// A `CHECK` refused the row (3819 on MySQL, 4025 on MariaDB); `constraint` is its name.
    #[error("check `{constraint}` failed")]
    Check { constraint: String },
    /// A foreign key refused the row (1451, 1452).
    #[error("a foreign key refused the change")]
    ForeignKey,
    /// The transaction was rolled back to end a deadlock (1213, 1020): it may be tried again.
    #[error("the transaction lost a deadlock")]
    Deadlock,
    /// A row stayed locked for longer than the connection waits (1205).
    #[error("a row stayed locked")]
    LockTimeout,
    /// A value that its column cannot hold, nor be compared with: a character that is not in the column's set (1267,
    /// 1366), a number out of its range (1264), a text that is too long (1406). Nobody has such a row.
    #[error("a value does not fit its column: {0}")]
    Unfit(String),
    /// The server refused the statement: a mistake of ours.
    #[error("the database refused a statement: {0}")]
    Refused(String),
    /// A value was not of the type the code reads it as: a mistake of ours.
    #[error("unexpected value in column {column}: wanted {wanted}, got {got}")]
    Decode {
        column: usize,
        wanted: &'static str,
        got: String,
    },
}

impl Error {
    /// Whether the same transaction may pass if it is run once more from its beginning.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Deadlock)
    }

    /// Whether a unique key of this name refused the row.
    pub fn is_duplicate_of(&self, name: &str) -> bool {
        matches!(self, Error::Duplicate { key } if key == name)
    }
}

impl From<MysqlError> for Error {
    fn from(error: MysqlError) -> Self {
        match error {
            MysqlError::ConnectionFailed(text) | MysqlError::Other(text) => {
                Error::Unavailable(text)
            }
            MysqlError::QueryFailed(text) => classify(text),
            MysqlError::BadParameter(text) | MysqlError::ValueConversionFailed(text) => {
                Error::Refused(text)
            }
        }
    }
}

impl From<SdkError> for Error {
    fn from(error: SdkError) -> Self {
        match error {
            SdkError::MysqlError(error) => error.into(),
            SdkError::Decode(text) => Error::Refused(text),
        }
    }
}

fn classify(text: String) -> Error {
    match server_code(&text) {
        Some(1062) => Error::Duplicate {
            key: quoted_after(&text, "for key "),
        },
        Some(3819 | 4025) => Error::Check {
            constraint: quoted_after(&text, "constraint "),
        },
        Some(1451 | 1452) => Error::ForeignKey,
        Some(1213 | 1020) => Error::Deadlock,
        Some(1205) => Error::LockTimeout,
        Some(1264 | 1267 | 1366 | 1406) => Error::Unfit(text),
        // Shutting down, too many connections, killed: the server's state, not our statement.
        Some(1040 | 1053 | 1077..=1080 | 1152..=1161 | 1203 | 1226 | 1927 | 2006 | 2013 | 3169)
        | None => Error::Unavailable(text),
        Some(_) => Error::Refused(text),
    }
}

fn server_code(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("code: ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The name in quotes after `before`, without its table: MariaDB writes `'email'` where MySQL writes
/// `'users.email'`, and MariaDB writes `` `schema`.`table` `` after a constraint.
fn quoted_after(text: &str, before: &str) -> String {
    // The servers do not agree on capitals either.
    let at = text.to_ascii_lowercase().find(before);
    let rest = at
        .and_then(|at| text.get(at + before.len()..))
        .unwrap_or_default();
    let name = rest
        .trim_start_matches(['\\', '\'', '`', '"'])
        .split(['\\', '\'', '`', '"'])
        .next()
        .unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or(name);
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(text: &str) -> Error {
        MysqlError::QueryFailed(text.to_owned()).into()
    }

    #[test]
    fn a_duplicate_names_its_key_on_both_servers() {
        let mariadb = r#"Server(ServerError { code: 1062, message: "Duplicate entry 'a' for key 'users_email'", state: "23000" })"#;
        let mysql = r#"Server(ServerError { code: 1062, message: "Duplicate entry 'a' for key 'users.users_email'", state: "23000" })"#;
        assert!(failed(mariadb).is_duplicate_of("users_email"));
        assert!(failed(mysql).is_duplicate_of("users_email"));
    }

    #[test]
    fn a_failed_check_names_its_constraint_on_both_servers() {
        let mariadb = r#"Server(ServerError { code: 4025, message: "CONSTRAINT `stock_covers` failed for `s`.`items`", state: "23000" })"#;
        let mysql = r#"Server(ServerError { code: 3819, message: "Check constraint 'stock_covers' is violated.", state: "HY000" })"#;
        for text in [mariadb, mysql] {
            assert!(
                matches!(failed(text), Error::Check { constraint } if constraint == "stock_covers"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_that_a_column_cannot_hold_does_not_fit() {
        let compared = r#"Server(ServerError { code: 1267, message: "Illegal mix of collations (ascii_general_ci,IMPLICIT) and (utf8mb4_general_ci,COERCIBLE) for operation '='", state: "HY000" })"#;
        let written = r#"Server(ServerError { code: 1366, message: "Incorrect string value: '\\xC3\\xA9' for column `s`.`items`.`sku` at row 1", state: "22007" })"#;
        for text in [compared, written] {
            assert!(matches!(failed(text), Error::Unfit(_)), "{text}");
        }
    }

    #[test]
    fn an_error_without_a_code_is_a_lost_connection() {
        assert!(matches!(
            failed("Io(Io(Os { code: 32, kind: BrokenPipe }))"),
            Error::Unavailable(_) | Error::Refused(_)
        ));
        assert!(matches!(
            failed("Input/output error: connection closed"),
            Error::Unavailable(_)
        ));
    }
}
