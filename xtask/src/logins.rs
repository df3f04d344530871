//! A database login for each service, which sees the service's own schema and nothing else: what one component
//! gives away opens no other's data. `up` makes them on the private server at each start; for a server of
//! somebody else's, `cargo xtask logins` does it once, and prints them.

use anyhow::{Context, Result, bail, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::private;
use crate::servers::MysqlEndpoint;
use crate::servers::refusal::{self, explain};

/// The services with a schema, as `migrations/` has them.
pub const SERVICES: [&str; 6] = [
    "accounts",
    "catalog",
    "orders",
    "payments",
    "suppliers",
    "webhooks",
];

/// What a service does with its own tables. Making and changing them is for migrations.
const RIGHTS: &str = "select, insert, update, delete";

/// The longest name of a user that MySQL takes.
const LONGEST: usize = 32;

/// The server's number for a user who cannot be made: it is there.
const EXISTS: u16 = 1396;

/// How one service signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    service: &'static str,
    user: String,
    /// As it stands in a URL.
    password: String,
}

impl Login {
    /// The variable of `spin.toml` that takes it, and its value.
    pub fn variable(&self) -> (String, String) {
        let Self {
            service,
            user,
            password,
        } = self;
        (
            format!("{service}_mysql_login"),
            format!("{user}:{password}"),
        )
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// The server as this login sees it.
    pub fn endpoint(&self, server: &MysqlEndpoint) -> MysqlEndpoint {
        MysqlEndpoint {
            user: self.user.clone(),
            password: self.password.clone(),
            ..server.clone()
        }
    }

    fn grant(&self, prefix: &str, host: &str) -> String {
        // In a grant, `_` stands for any character.
        let schema = self.schema(prefix).replace('_', "\\_");
        format!("grant {RIGHTS} on `{schema}`.* to '{}'@'{host}'", self.user)
    }

    /// The only schema that it sees.
    pub fn schema(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.service)
    }
}

/// The same login for every service: where nobody has made others.
pub fn shared(server: &MysqlEndpoint) -> Vec<Login> {
    let login = |service| Login {
        service,
        user: server.user.clone(),
        password: server.password.clone(),
    };
    SERVICES.map(login).into()
}

/// What the environment gives for `spin.toml`, and for the rest the one that the server's URL names.
pub fn from_environment(server: &MysqlEndpoint) -> Result<Vec<Login>> {
    let given = |login: Login| {
        let (variable, _) = login.variable();
        let name = format!("SPIN_VARIABLE_{}", variable.to_ascii_uppercase());
        let Some(value) = std::env::var(&name).ok().filter(|value| !value.is_empty()) else {
            return Ok(login);
        };
        let (user, password) = value
            .split_once(':')
            .with_context(|| format!("{name} is no login: user:password, as in a URL"))?;
        Ok(Login {
            user: user.to_owned(),
            password: password.to_owned(),
            ..login
        })
    };
    shared(server).into_iter().map(given).collect()
}

/// Logins whose passwords follow from a secret: those of the private server.
pub fn derived(prefix: &str, secret: &str) -> Result<Vec<Login>> {
    named(prefix, |service| {
        private::derive(secret, &format!("mysql login {service}"))
    })
}

/// Logins with new passwords, which are kept nowhere.
pub fn random(prefix: &str) -> Result<Vec<Login>> {
    named(prefix, |_| private::random_text())
}

fn named(prefix: &str, password: impl Fn(&str) -> Result<String>) -> Result<Vec<Login>> {
    let login = |service| {
        let user = format!("{prefix}_{service}");
        ensure!(
            user.len() <= LONGEST,
            "{user} is too long for the name of a MySQL user: choose a shorter prefix"
        );
        Ok(Login {
            service,
            user,
            password: password(service)?,
        })
    };
    SERVICES.into_iter().map(login).collect()
}

/// Makes the logins on a server, for connections from `host`, or gives those that are there these passwords.
/// The passwords are [`private::random_text`]'s or as safe.
pub async fn ensure(
    server: &MysqlEndpoint,
    prefix: &str,
    host: &str,
    logins: &[Login],
) -> Result<()> {
    check_host(host)?;
    let mut connection = server.connect().await?;
    for login in logins {
        let user = format!("'{}'@'{host}'", login.user);
        let password = &login.password;
        for statement in [
            format!("create user if not exists {user} identified by '{password}'"),
            format!("alter user {user} identified by '{password}'"),
            login.grant(prefix, host),
        ] {
            let made = connection.query_drop(statement).await;
            made.map_err(explain)
                .with_context(|| format!("the login {user} cannot be made"))?;
        }
    }
    connection.disconnect().await.ok();
    Ok(())
}

/// The same where none of them is there yet; else nothing is done.
pub async fn create(
    server: &MysqlEndpoint,
    prefix: &str,
    host: &str,
    logins: &[Login],
) -> Result<()> {
    check_host(host)?;
    let mut connection = server.connect().await?;
    let mut made = Vec::new();
    let outcome = create_all(&mut connection, prefix, host, logins, &mut made).await;
    if let Err(error) = outcome {
        for user in made {
            let dropped = connection.query_drop(format!("drop user {user}")).await;
            dropped.map_err(explain)?;
        }
        return Err(error);
    }
    connection.disconnect().await.ok();
    Ok(())
}

async fn create_all(
    connection: &mut Conn,
    prefix: &str,
    host: &str,
    logins: &[Login],
    made: &mut Vec<String>,
) -> Result<()> {
    for login in logins {
        let user = format!("'{}'@'{host}'", login.user);
        let create = format!("create user {user} identified by '{}'", login.password);
        match connection.query_drop(create).await {
            Ok(()) => made.push(user),
            Err(error) if refusal::number(&error) == Some(EXISTS) => bail!(
                "{user} is there already: --renew gives it and the others new passwords, which locks out \
                 whoever uses the old ones"
            ),
            Err(error) => {
                return Err(explain(error))
                    .with_context(|| format!("the login {user} cannot be made"));
            }
        }
    }
    for login in logins {
        let granted = connection.query_drop(login.grant(prefix, host)).await;
        granted
            .map_err(explain)
            .with_context(|| format!("{} can be given no rights", login.user))?;
    }
    Ok(())
}

fn check_host(host: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".:%-_/".contains(c);
    if host.is_empty() || !host.chars().all(plain) {
        bail!("`{host}` is no host from which a login could come: an address, a name, or %");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::workspace::subfolders;

    #[test]
    fn every_service_with_a_schema_has_a_login() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(subfolders(&root.join("migrations")).unwrap(), SERVICES);
        let manifest = std::fs::read_to_string(root.join("spin.toml")).unwrap();
        for service in SERVICES {
            let (name, _) = random("comptoir").unwrap()[0].variable();
            assert_eq!(name, "accounts_mysql_login");
            let url = format!(
                "database_url = \"mysql://{{{{ {service}_mysql_login }}}}@{{{{ mysql_address }}}}/{{{{ schema_prefix }}}}_{service}?"
            );
            assert!(manifest.contains(&url), "{url}");
            assert_eq!(
                manifest
                    .matches(&format!("{{{{ {service}_mysql_login }}}}"))
                    .count(),
                1,
                "only {service} gets its login"
            );
        }
    }

    #[test]
    fn each_login_has_a_password_of_its_own() {
        let logins = derived("comptoir", "secret").unwrap();
        assert_eq!(logins, derived("comptoir", "secret").unwrap());
        let mut passwords: Vec<_> = logins.iter().map(|login| &login.password).collect();
        passwords.sort_unstable();
        passwords.dedup();
        assert_eq!(passwords.len(), SERVICES.len());
        assert!(derived(&"x".repeat(30), "secret").is_err());
    }

    #[test]
    fn a_host_that_is_no_host_reaches_no_statement() {
        for wrong in ["", "a'b", "a b", "`", "%; drop user x"] {
            assert!(check_host(wrong).is_err(), "{wrong}");
        }
        for right in [
            "%",
            "10.0.%",
            "127.0.0.1",
            "db-1.internal",
            "10.0.0.0/255.0.0.0",
        ] {
            assert!(check_host(right).is_ok(), "{right}");
        }
    }
}
