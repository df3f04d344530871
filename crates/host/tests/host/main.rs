//! The host as its users meet it: a process that serves a manifest, asked over HTTP, with real
//! MariaDB (or MySQL) and Redis behind it.
//!
//! `COMPTOIR_TEST_MYSQL` and `COMPTOIR_TEST_REDIS` name the servers, as in
//! `mysql://root:pw@127.0.0.1:33061` and `redis://127.0.0.1:6399`.

#[cfg(test)]
mod chaining;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod instances;
#[cfg(test)]
mod mysql_errors;
#[cfg(test)]
mod mysql_lifetimes;
#[cfg(test)]
mod mysql_types;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod start;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod support;
