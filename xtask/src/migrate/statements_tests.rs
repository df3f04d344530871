//! How a file falls into statements, and what a server's answer says of one that was interrupted.

use super::*;

fn texts(file: &str) -> Vec<String> {
    let statements = split(file).unwrap();
    statements.into_iter().map(|one| one.text).collect()
}

#[test]
fn a_statement_ends_at_a_semicolon_outside_of_texts_and_comments() {
    let file = "-- Why; and more.\ncreate table a (b varchar(9) comment 'x; ''y''; \\'; z');\n\
                /* one; two */ insert into a values (\"1;\"), ('--');\n\
                # last; words\nalter table `a;b` add c int; -- the end;\n";
    let texts = texts(file);
    assert_eq!(texts.len(), 3, "{texts:#?}");
    assert!(texts[0].starts_with("-- Why; and more.\ncreate table a"));
    assert!(texts[0].ends_with("z')"));
    assert!(texts[1].ends_with("('--')"));
    assert!(texts[2].contains("`a;b`"));
}

#[test]
fn dashes_without_a_blank_are_no_comment() {
    assert_eq!(texts("update a set b = 5--1;update a set b = 2").len(), 2);
}

#[test]
fn a_file_of_comments_has_no_statement() {
    assert!(texts("-- nothing;\n/* ; */ ; # ;").is_empty());
    assert!(texts("").is_empty());
}

#[test]
fn a_text_that_does_not_end_is_the_rest_of_the_file() {
    assert_eq!(texts("insert into a values ('é; b").len(), 1);
    assert_eq!(texts("/* no end; create table a").len(), 0);
}

#[test]
fn only_tables_and_rows_are_changed_by_migrations() {
    assert!(split("-- x\nset names utf8mb4;").is_err());
    assert!(split("use elsewhere; create table a (b int)").is_err());
    let kinds: Vec<Kind> = split("CREATE table a (b int); Insert into a values (1)")
        .unwrap()
        .iter()
        .map(|one| one.kind)
        .collect();
    assert_eq!(kinds, [Kind::Tables, Kind::Rows]);
}

#[test]
fn the_summary_of_a_statement_is_its_first_words() {
    let statement = &split("-- why\ncreate table users (id int)").unwrap()[0];
    assert_eq!(statement.summary(), "create table users");
}

#[test]
fn what_a_server_says_of_a_thing_that_is_there_means_that_it_has_happened() {
    let happened = |sql: &str, number| split(sql).unwrap()[0].has_happened(number, "");
    assert!(happened("create table a (b int)", 1050));
    assert!(happened("-- why\nalter table a add column b int", 1060));
    assert!(happened("alter table a rename column b to c", 1054));
    assert!(happened("rename table a to b", 1146));
    assert!(happened("drop table a", 1051));
    // A mistake stays a mistake.
    assert!(!happened("create table a (b int)", 1064));
    assert!(!happened("alter table a add column b int", 1146));
    assert!(!happened("alter table a add key k (b)", 1054));
    assert!(!happened("insert into a values (1)", 1062));
}

#[test]
fn every_migration_of_the_shop_can_be_split() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    for service in super::super::files::read(&folder).unwrap() {
        for file in service.files {
            let statements = split(&file.text).unwrap_or_else(|error| panic!("{error:#}"));
            assert!(!statements.is_empty(), "{}/{}", service.name, file.name);
        }
    }
}
