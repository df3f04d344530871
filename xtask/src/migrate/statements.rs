//! A migration file as its statements, in their order. Pure.
//!
//! A statement ends at a semicolon that is in no text, no quoted name and no comment. Bodies with statements of
//! their own (`begin … end`) are not for migrations: their parts would be taken for statements.

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

/// What a server does with a statement, which says how it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows: it is part of a transaction, and happens with its record or not at all.
    Rows,
    /// Tables: it commits by itself, whole or not at all (atomic DDL: MariaDB 10.6, MySQL 8.0).
    Tables,
}

#[derive(Debug)]
pub struct Statement {
    pub text: String,
    pub kind: Kind,
    /// SHA-256 of the text, in hexadecimal.
    pub checksum: String,
}

impl Statement {
    /// The first words, for people.
    pub fn summary(&self) -> String {
        let code = without_comments(&self.text);
        let words: Vec<&str> = code.split_whitespace().take(3).collect();
        words.join(" ")
    }

    /// Whether this answer of a server means that the statement has happened before. It counts only for a
    /// statement that was begun, and whose answer nobody has heard.
    pub fn has_happened(&self, number: u16, message: &str) -> bool {
        let code = without_comments(&self.text).to_ascii_lowercase();
        let words: Vec<&str> = code.split_whitespace().collect();
        let has = |word: &str| words.contains(&word);
        match (words.first().copied().unwrap_or_default(), number) {
            // A schema, table, index, procedure, trigger or user that is there.
            ("create", 1007 | 1050 | 1061 | 1304 | 1359 | 1396) => true,
            // A column, an index, a primary key or a constraint that is there; one that is gone.
            ("alter", 1060 | 1061 | 1068 | 1091 | 1826 | 3821 | 3822) => true,
            // A foreign key that is there, in MariaDB's older words.
            ("alter" | "create", 1005) => message.contains("errno: 121"),
            // What had another name has it no more.
            ("alter", 1054 | 1176) => has("change") || has("rename"),
            ("alter" | "rename", 1050 | 1146) => has("rename"),
            ("drop", 1008 | 1051 | 1091 | 1146 | 1305 | 1360) => true,
            _ => false,
        }
    }
}

/// The statements of a file; an error names one that cannot be applied safely.
pub fn split(text: &str) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for part in parts(text) {
        let code = without_comments(part);
        let Some(word) = code.split_whitespace().next() else {
            continue;
        };
        let kind = match word.to_ascii_lowercase().as_str() {
            "insert" | "update" | "delete" | "replace" | "with" => Kind::Rows,
            "create" | "alter" | "drop" | "rename" | "truncate" => Kind::Tables,
            _ => bail!(
                "`{word}` does not belong in a migration: only statements that change tables or rows do"
            ),
        };
        let text = part.trim().to_owned();
        let digest = Sha256::digest(&text);
        let checksum = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        statements.push(Statement {
            text,
            kind,
            checksum,
        });
    }
    Ok(statements)
}

/// The text between semicolons, comments included.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for piece in Pieces::of(text) {
        if piece.kind == PieceKind::End {
            parts.extend(text.get(begin..piece.begin));
            begin = piece.end;
        }
    }
    parts.extend(text.get(begin..));
    parts
}

/// A comment parts words as a blank does.
fn without_comments(text: &str) -> String {
    let of_piece = |piece: Piece| match piece.kind {
        PieceKind::Comment => Some(" "),
        _ => text.get(piece.begin..piece.end),
    };
    Pieces::of(text).filter_map(of_piece).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PieceKind {
    Code,
    Comment,
    End,
}

#[derive(Debug)]
struct Piece {
    kind: PieceKind,
    begin: usize,
    end: usize,
}

/// Reads a text piece by piece: a comment, a text or quoted name, a semicolon, or one other character.
struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pieces<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let rest = self.text.get(self.at..)?;
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            ';' => (PieceKind::End, 1),
            '\'' | '"' | '`' => (PieceKind::Code, quoted(rest, first)),
            '#' => (PieceKind::Comment, line(rest)),
            '-' if is_line_comment(rest) => (PieceKind::Comment, line(rest)),
            '/' if rest.starts_with("/*") => (PieceKind::Comment, block(rest)),
            other => (PieceKind::Code, other.len_utf8()),
        };
        let begin = self.at;
        self.at += length;
        Some(Piece {
            kind,
            begin,
            end: self.at,
        })
    }
}

/// Two dashes begin a comment only before a blank or the end.
fn is_line_comment(rest: &str) -> bool {
    rest.strip_prefix("--").is_some_and(|behind| {
        behind.is_empty() || behind.starts_with(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// The length of a text or name in quotes. A doubled quote is read as two texts, which is the same here.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

fn line(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

fn block(rest: &str) -> usize {
    rest.find("*/").map_or(rest.len(), |at| at + 2)
}

#[cfg(test)]
#[path = "statements_tests.rs"]
mod tests;
