//! Starting: what is refused, and in which words; what a second start finds.

use std::fs;

use crate::support::setup;

#[tokio::test]
async fn the_environment_sets_a_variable_and_the_command_line_beats_it() {
    let by_environment = setup("variable_environment")
        .environment("SPIN_VARIABLE_GREETING", "bonjour")
        .serve();
    assert_eq!(
        by_environment.get("/a/variable?greeting").await,
        r#"Ok("bonjour, world")"#
    );
    let by_line = setup("variable_line")
        .environment("SPIN_VARIABLE_GREETING", "bonjour")
        .argument("--variable", "greeting=hola")
        .serve();
    assert_eq!(
        by_line.get("/a/variable?greeting").await,
        r#"Ok("hola, world")"#
    );
}

#[test]
fn a_required_variable_without_a_value_is_named() {
    let refusal = setup("missing_variable").without_arguments().refusal();
    assert!(refusal.contains("without a value: `secret`"), "{refusal}");
}

#[test]
fn a_key_that_is_not_supported_is_named_with_its_file() {
    let refusal = setup("unsupported")
        .replace("[component.b]", "[component.b]\nfiles = [\"x\"]")
        .refusal();
    assert!(refusal.contains("spin.toml"), "{refusal}");
    assert!(
        refusal.contains("`component.b.files` is not supported by this host"),
        "{refusal}"
    );
}

#[test]
fn an_unknown_key_of_the_runtime_config_is_named_with_its_file() {
    let setup = setup("unknown_key");
    let config = setup.path("runtime-config.toml");
    fs::write(&config, "[sqlite_database.default]\n").unwrap();
    let refusal = setup
        .argument("--runtime-config-file", config.to_str().unwrap())
        .refusal();
    assert!(refusal.contains("runtime-config.toml"), "{refusal}");
    assert!(refusal.contains("sqlite_database"), "{refusal}");
}

#[test]
fn a_component_that_is_not_built_is_named() {
    let refusal = setup("unbuilt")
        .replace("guest.wasm", "absent.wasm")
        .refusal();
    assert!(refusal.contains("absent.wasm (is it built?)"), "{refusal}");
}

#[test]
fn an_allowed_host_that_makes_no_sense_is_named() {
    let refusal = setup("senseless")
        .replace("http://b.spin.internal", "b.spin.internal")
        .refusal();
    assert!(refusal.contains("allowed_outbound_hosts"), "{refusal}");
}

#[tokio::test]
async fn a_second_start_compiles_nothing() {
    let fresh = setup("cache");
    let cache = fresh.path("fresh-cache");
    let _ = fs::remove_dir_all(&cache);
    let fresh = fresh.argument("--cache-dir", cache.to_str().unwrap());
    fresh.serve().wait_for_line("component compiled");
    let files = || fs::read_dir(&cache).unwrap().count();
    assert_eq!(files(), 1);
    let second = fresh.serve();
    let first_line = second.wait_for_line("");
    assert!(first_line.contains("serving"), "{first_line}");
    assert_eq!(second.status("/a/empty").await, 200);
    assert_eq!(files(), 1);
}

#[tokio::test]
async fn a_start_killed_at_any_moment_leaves_a_cache_that_works() {
    let setup = setup("killed");
    let cache = setup.path("killed-cache");
    let _ = fs::remove_dir_all(&cache);
    let setup = setup.argument("--cache-dir", cache.to_str().unwrap());
    let mut killed = setup.spawn();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(setup.serve().status("/a/empty").await, 200);
}
