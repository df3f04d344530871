//! How MYSQL_URL and REDIS_URL are read.

use super::*;

const DEFAULTS: &str = "prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800";

#[test]
fn a_mysql_url_gives_its_parts_as_they_are_written() {
    let endpoint = MysqlEndpoint::parse("mysql://shop:p%40ss@db.example:3307/ignored").unwrap();
    assert_eq!(endpoint.address, "db.example:3307");
    assert_eq!(endpoint.user, "shop");
    assert_eq!(endpoint.password, "p%40ss");
    assert_eq!(endpoint.options, DEFAULTS);
    let url = format!("mysql://shop:p%40ss@db.example:3307/comptoir_orders?{DEFAULTS}");
    assert_eq!(endpoint.url("comptoir_orders"), url);
}

#[test]
fn ports_have_their_usual_values_when_they_are_not_named() {
    assert_eq!(
        MysqlEndpoint::parse("mysql://a:b@db").unwrap().address,
        "db:3306"
    );
    assert_eq!(
        RedisEndpoint::parse("redis://cache").unwrap().address,
        "cache:6379"
    );
    assert_eq!(
        RedisEndpoint::parse("redis://[::1]").unwrap().address,
        "[::1]:6379"
    );
    assert_eq!(
        RedisEndpoint::parse("redis://[::1]:7000").unwrap().address,
        "[::1]:7000"
    );
}

#[test]
fn a_mysql_option_that_is_given_replaces_the_default() {
    let endpoint = MysqlEndpoint::parse("mysql://a:b@db?wait_timeout=60").unwrap();
    let options = "prefer_socket=false&max_allowed_packet=16777216&wait_timeout=60";
    assert_eq!(endpoint.options, options);
}

#[test]
fn spins_word_for_tls_is_kept_for_spin_and_hidden_from_our_client() {
    assert!(wants_tls("a=1&ssl-mode=verify_identity"));
    assert!(!wants_tls("a=1&sslmode=disabled"));
    assert_eq!(without_ssl_mode("a=1&ssl-mode=required&b=2"), "a=1&b=2");
    let plain = MysqlEndpoint::parse("mysql://a:b@db?ssl-mode=disabled").unwrap();
    assert!(plain.options.ends_with("ssl-mode=disabled"));
}

#[test]
fn a_mysql_option_that_would_stop_the_host_is_refused() {
    assert!(MysqlEndpoint::parse("mysql://a:b@db?no_such_option=1").is_err());
}

#[test]
fn a_redis_url_gives_its_parts() {
    let endpoint = RedisEndpoint::parse("redis://default:secret@cache:6380/2").unwrap();
    assert_eq!(endpoint.credentials, "default:secret@");
    assert_eq!(endpoint.database, "2");
    assert_eq!(endpoint.url(), "redis://default:secret@cache:6380/2");
    assert_eq!(
        endpoint.with_database(7).url(),
        "redis://default:secret@cache:6380/7"
    );
}

#[test]
fn what_is_wrong_with_a_url_is_said() {
    let mysql = |url| MysqlEndpoint::parse(url).unwrap_err().to_string();
    assert!(mysql("postgres://a:b@db").contains("does not begin with mysql://"));
    assert!(mysql("mysql://db:3306").contains("names no user"));
    assert!(mysql("mysql://a:b@db:port").contains("its port is no number"));
    assert!(mysql("mysql://a:b@").contains("names no host"));
    let redis = |url| RedisEndpoint::parse(url).unwrap_err().to_string();
    assert!(redis("redis://cache/one").contains("its database is no number"));
}

#[test]
fn a_password_that_is_not_encoded_is_called_that_and_not_shown() {
    for url in [
        "mysql://shop:pa/ss@db:3306",
        "mysql://shop:pa?ss@db",
        "mysql://shop:pa#ss@db",
        "mysql://shop:pa@/ss@db",
    ] {
        let error = format!("{:#}", MysqlEndpoint::parse(url).unwrap_err());
        assert!(error.contains("%2F"), "{url}: {error}");
        assert!(!error.contains("ss@"), "{url}: {error}");
    }
    let error = RedisEndpoint::parse("redis://default:pa/ss@cache:6379");
    assert!(format!("{:#}", error.unwrap_err()).contains("%2F"));
    // What can be told apart all the same is taken as it is.
    for (url, password) in [
        ("mysql://shop:pa%2Fss@db", "pa%2Fss"),
        ("mysql://shop:pa@ss@db", "pa@ss"),
        ("mysql://shop:pa:ss@db/x", "pa:ss"),
    ] {
        assert_eq!(MysqlEndpoint::parse(url).unwrap().password, password);
    }
}

#[test]
fn an_encoded_text_is_decoded() {
    assert_eq!(decode("p%40ss%C3%A9"), "p@ssé".as_bytes());
    assert_eq!(decode("100%"), b"100%");
    assert_eq!(decode(""), b"");
}

#[test]
fn redis_with_tls_is_refused_with_what_to_do() {
    let error = RedisEndpoint::parse("rediss://cache:6380").unwrap_err();
    assert!(error.to_string().contains("rediss:// is not supported"));
    assert!(error.to_string().contains("tunnel"));
}
