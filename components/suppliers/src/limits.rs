//! How much one GraphQL request may ask for. What is too much is refused before it is parsed where that can be
//! told from the text ([`scan`]), and before it is validated where it cannot ([`weigh`]): both take a time that
//! grows with the text and with nothing else.

pub mod cost;
pub mod escapes;
pub mod merge;
pub mod scan;
pub mod weigh;

use commerce::Text;
use service::Problem;

/// Bytes of a request's body, variables and all.
pub const BODY: usize = 64 * 1024;
/// Names, numbers, strings and punctuation marks.
pub const TOKENS: usize = 10_000;
/// Bytes of a name or a number: what cannot be right is told again in the error.
pub const WORD: usize = 200;
/// Selection sets inside one another; the introspection query of common tools has 15.
pub const DEPTH: usize = 20;
/// Brackets of any kind inside one another, which the parser would follow.
pub const NESTING: usize = 32;
pub const ALIASES: usize = 30;
pub const DIRECTIVES: usize = 30;
pub const FRAGMENTS: usize = 50;
/// Fields, with every fragment written out where it is used.
pub const FIELDS: usize = 1_000;
/// Points, as [`cost`] counts them.
pub const COST: u64 = 1_000;

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    Tokens,
    Word,
    Repeated,
    Depth,
    Aliases,
    Directives,
    Fragments,
    Fields,
    Cost(u64),
}

impl Excess {
    /// 422: the additional rules of validation that a server may have (GraphQL over HTTP, "Validation").
    pub fn problem(self) -> Problem {
        let (code, fr, en, limit) = match self {
            Self::Tokens => ("query-too-long", "trop long", "too long", count(TOKENS)),
            Self::Word => (
                "name-too-long",
                "nom trop long",
                "name too long",
                count(WORD),
            ),
            Self::Repeated => (
                "mutation-repeated",
                "une mutation y figure plusieurs fois",
                "a mutation stands in it several times",
                1,
            ),
            Self::Depth => ("query-too-deep", "trop profond", "too deep", count(DEPTH)),
            Self::Aliases => (
                "too-many-aliases",
                "trop d’alias",
                "too many aliases",
                count(ALIASES),
            ),
            Self::Directives => (
                "too-many-directives",
                "trop de directives",
                "too many directives",
                count(DIRECTIVES),
            ),
            Self::Fragments => (
                "too-many-fragments",
                "trop de fragments",
                "too many fragments",
                count(FRAGMENTS),
            ),
            Self::Fields => (
                "too-many-fields",
                "trop de champs",
                "too many fields",
                count(FIELDS),
            ),
            Self::Cost(_) => ("query-too-costly", "trop coûteux", "too costly", COST),
        };
        let title = Text::new(
            format!("Document GraphQL refusé : {fr}"),
            format!("GraphQL document refused: {en}"),
        );
        let problem = Problem::unprocessable_as(code, title).with("limit", limit);
        match self {
            Self::Cost(cost) => problem.with("requestedQueryCost", cost),
            _ => problem,
        }
    }
}

fn count(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}
