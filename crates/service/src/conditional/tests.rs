//! What conditions of requests mean, against versions that are and are not there.

use super::*;

fn parse(lines: &[(&'static str, &'static str)]) -> Option<IfMatch> {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(*name, HeaderValue::from_static(value));
    }
    IfMatch::from_headers(&map)
}

#[test]
fn a_change_asks_for_the_version_and_not_for_the_body() {
    let tag = entity_tag(Some(7), b"{}");
    let headers = [(IF_MATCH, HeaderValue::from_str(&tag).unwrap())];
    let if_match = IfMatch::from_headers(&headers.into_iter().collect()).unwrap();
    assert_eq!(if_match, IfMatch::Versions(vec![7]));
    assert!(if_match.check(7).is_ok());
    assert_eq!(
        if_match.check(8).unwrap_err().status(),
        StatusCode::PRECONDITION_FAILED
    );
    assert!(IfMatch::Any.check(8).is_ok());
}

#[test]
fn tags_of_several_lines_are_one_list_and_weak_ones_count() {
    for (lines, expected) in [
        (vec![("if-match", "*")], IfMatch::Any),
        (
            vec![("if-match", "\"3-a\""), ("if-match", "W/\"4-b\"")],
            IfMatch::Versions(vec![3, 4]),
        ),
        (
            vec![("if-match", "\"a,b\", \"7-c-gzip\" ,, nonsense, \"open")],
            IfMatch::Versions(vec![7]),
        ),
        (vec![("if-match", "7")], IfMatch::Versions(vec![])),
        (vec![("if-match", "")], IfMatch::Versions(vec![])),
        (vec![("if-match", "\"*\"")], IfMatch::Versions(vec![])),
        (vec![("if-none-match", "*")], IfMatch::Nothing),
        (vec![("if-none-match", "\"3-a\"")], IfMatch::NoneOf(vec![3])),
        (
            vec![("if-match", "*"), ("if-none-match", "\"3-a\"")],
            IfMatch::NoneOf(vec![3]),
        ),
        (
            vec![
                ("if-match", "\"3-a\", \"4-b\""),
                ("if-none-match", "\"3-a\""),
            ],
            IfMatch::Versions(vec![4]),
        ),
        (
            vec![("if-match", "*"), ("if-none-match", "*")],
            IfMatch::Versions(vec![]),
        ),
    ] {
        assert_eq!(parse(&lines), Some(expected), "{lines:?}");
    }
    assert_eq!(parse(&[]), None);
}

#[test]
fn what_is_there_is_not_made_and_what_is_not_there_is_not_changed() {
    for (if_match, there, not_there) in [
        (IfMatch::Any, true, false),
        (IfMatch::Versions(vec![7]), true, false),
        (IfMatch::Versions(vec![8]), false, false),
        (IfMatch::Nothing, false, true),
        (IfMatch::NoneOf(vec![7]), false, true),
        (IfMatch::NoneOf(vec![8]), true, true),
    ] {
        assert_eq!(if_match.check(7).is_ok(), there, "{if_match:?}");
        assert_eq!(if_match.check_absent().is_ok(), not_there, "{if_match:?}");
    }
}

fn read(lines: &[(&'static str, &'static str)]) -> u16 {
    let mut request = HeaderMap::new();
    for (name, value) in lines {
        request.append(*name, HeaderValue::from_static(value));
    }
    let headers = [(CONTENT_TYPE, "application/json"), (ETAG, "\"7-b\"")];
    let response = (headers, "{}").into_response();
    answer(&Method::GET, &request, response).status().as_u16()
}

#[test]
fn a_read_says_whether_the_client_has_the_body_already() {
    assert_ne!(entity_tag(Some(7), b"a"), entity_tag(Some(7), b"b"));
    for (lines, status) in [
        (vec![], 200),
        (
            vec![("if-none-match", "\"7-a\""), ("if-none-match", "W/\"7-b\"")],
            304,
        ),
        (vec![("if-none-match", "*")], 304),
        (vec![("if-none-match", "\"7-a\"")], 200),
        (vec![("if-match", "\"7-a\""), ("if-match", "\"7-b\"")], 200),
        (vec![("if-match", "\"7-a\"")], 412),
        (vec![("if-match", "*"), ("if-none-match", "\"7-b\"")], 304),
    ] {
        assert_eq!(read(&lines), status, "{lines:?}");
    }
}

#[test]
fn only_types_that_the_client_takes_are_sent() {
    for (lines, status) in [
        (vec![("accept", "application/json")], 200),
        (
            vec![("accept", "text/html"), ("accept", "Application/JSON")],
            200,
        ),
        (vec![("accept", "text/html, */*;q=0.1")], 200),
        (vec![("accept", "application/*")], 200),
        (vec![("accept", "")], 200),
        (vec![("accept", "text/html")], 406),
        (vec![("accept", "*/*;q=0")], 406),
        (
            vec![("accept", "*/*"), ("accept", "application/json;q=0")],
            406,
        ),
    ] {
        assert_eq!(read(&lines), status, "{lines:?}");
    }
}
