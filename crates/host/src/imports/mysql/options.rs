//! The address of a MySQL server: a URL whose parameters the client understands.
//!
//! `ssl-mode` and `sslmode`, which the client does not know, are taken out first: any value but
//! `disabled` asks for TLS with certificates that the roots of this machine vouch for.

use std::sync::LazyLock;

use mysql_async::{Opts, OptsBuilder, SslOpts, UrlError};
use rustls::RootCertStore;
use url::Url;

/// The roots of this machine, as far as they can be read: one that cannot would fail every
/// connection.
static ROOTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let roots = rustls_native_certs::load_native_certs().certs;
    let readable = roots
        .into_iter()
        .filter(|root| RootCertStore::empty().add(root.clone()).is_ok());
    readable.map(|root| root.to_vec()).collect()
});

/// Why there is no connection to such an address.
pub enum Refusal {
    /// The component is told that the connection failed.
    Address(String),
    /// Spin does not survive this one: the call must not succeed here either.
    Parameter(String),
}

/// Reads the address.
pub fn read(address: &str) -> Result<Opts, Refusal> {
    let mut url = Url::parse(address)
        .map_err(|error| Refusal::Address(format!("{:?}", mysql_async::Error::from(error))))?;
    let (tls, others): (Vec<_>, Vec<_>) = url
        .query_pairs()
        .into_owned()
        .partition(|(name, _)| matches!(name.to_lowercase().as_str(), "ssl-mode" | "sslmode"));
    let tls = tls
        .iter()
        .any(|(_, mode)| !mode.eq_ignore_ascii_case("disabled"));
    url.set_query(None);
    url.query_pairs_mut().extend_pairs(others);
    let options = Opts::from_url(url.as_str())
        .map_err(|error: UrlError| Refusal::Parameter(error.to_string()))?;
    Ok(OptsBuilder::from_opts(options)
        .ssl_opts(tls.then(|| {
            SslOpts::default()
                .with_root_certs(ROOTS.iter().map(|root| root.as_slice().into()).collect())
                .with_disable_built_in_roots(true)
        }))
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_tls(query: &str) -> bool {
        let read = read(&format!("mysql://u:p@127.0.0.1/db{query}"));
        read.ok().expect("the address is fine").ssl_opts().is_some()
    }

    #[test]
    fn any_ssl_mode_but_disabled_asks_for_tls() {
        assert!(!is_tls(""));
        assert!(!is_tls("?ssl-mode=DISABLED"));
        assert!(is_tls("?ssl-mode=preferred"));
        assert!(is_tls("?sslMode=VERIFY_CA&prefer_socket=false"));
    }

    #[test]
    fn an_unknown_parameter_is_what_spin_panics_at() {
        let refusal = read("mysql://u:p@127.0.0.1/db?colour=blue").err();
        assert!(matches!(refusal, Some(Refusal::Parameter(error)) if error.contains("colour")));
    }

    #[test]
    fn an_address_that_is_no_url_fails_to_connect() {
        assert!(matches!(read("nonsense"), Err(Refusal::Address(_))));
    }
}
