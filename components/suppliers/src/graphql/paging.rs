//! Pages of connections, as the GraphQL Cursor Connections Specification (Relay) has them: forwards only,
//! because every list is an index that is walked in one direction.

use async_graphql::ID;
use async_graphql::connection::{
    Connection, CursorType, DefaultConnectionName, DefaultEdgeName, DisableNodesField, Edge,
    EmptyFields,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commerce::{InvalidId, Text};
use service::{Invalid, Problem};

pub const DEFAULT_FIRST: i32 = 20;
pub const MAX_FIRST: i32 = 100;

/// A connection without `nodes`: clients have `edges`.
pub type Page<T> = Connection<
    Cursor,
    T,
    EmptyFields,
    EmptyFields,
    DefaultConnectionName,
    DefaultEdgeName,
    DisableNodesField,
>;

/// Where an edge is: the 16 bytes of its node's id, opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub [u8; 16]);

/// The text is no cursor of ours.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not a cursor")]
pub struct UnknownCursor;

impl CursorType for Cursor {
    type Error = UnknownCursor;

    fn decode_cursor(text: &str) -> Result<Self, UnknownCursor> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(UnknownCursor)
    }

    fn encode_cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// The page that is asked for: how many, past which one.
pub struct Asked {
    pub first: u32,
    pub after: Option<Cursor>,
}

pub fn parse(first: Option<i32>, after: Option<&str>) -> Result<Asked, Problem> {
    let first = first.unwrap_or(DEFAULT_FIRST);
    let mut invalid = Invalid::new();
    if !(1..=MAX_FIRST).contains(&first) {
        invalid.refuse("/first", Text::new("De 1 à 100", "From 1 to 100"));
    }
    let unknown = |_| Text::new("Curseur inconnu", "Unknown cursor");
    let after = after.map(|text| Cursor::decode_cursor(text).map_err(unknown));
    let after = after.and_then(|after| invalid.check("/after", after));
    invalid.finish()?;
    Ok(Asked {
        first: u32::try_from(first).unwrap_or_default(),
        after,
    })
}

/// A page with these nodes, and whether there are more past them.
pub fn page<T: async_graphql::OutputType>(
    asked: &Asked,
    nodes: impl IntoIterator<Item = (Cursor, T)>,
    more: bool,
) -> Page<T> {
    let mut page = Page::new(asked.after.is_some(), more);
    let edges = nodes.into_iter();
    page.edges
        .extend(edges.map(|(cursor, node)| Edge::new(cursor, node)));
    page
}

/// The id that the text is; an error at `pointer` if it is none.
pub fn parse_id<T: std::str::FromStr<Err = InvalidId>>(
    invalid: &mut Invalid,
    pointer: &str,
    id: &ID,
) -> Option<T> {
    let unknown = |_| Text::new("Identifiant inconnu", "Unknown id");
    invalid.check(pointer, id.parse().map_err(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor([7; 16]);
        let text = cursor.encode_cursor();
        assert_eq!(Cursor::decode_cursor(&text).unwrap(), cursor);
        for text in ["", "AAAA", "é", "not-a-cursor"] {
            assert!(Cursor::decode_cursor(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_has_one_to_a_hundred_nodes() {
        assert_eq!(
            parse(Some(100), None).ok().map(|asked| asked.first),
            Some(100)
        );
        for first in [i32::MIN, -1, 0, 101] {
            let problem = parse(Some(first), Some("?")).err().unwrap();
            let pointers: Vec<&str> = problem.pointers().collect();
            assert_eq!(pointers, ["/first", "/after"]);
        }
    }
}
