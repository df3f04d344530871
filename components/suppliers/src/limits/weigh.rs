//! A parsed document, weighed before it is validated: how deep it is and how many fields it has once every
//! fragment is written out. Each fragment is weighed once, so that a few lines which would unfold to millions
//! of fields cost no more than a few lines.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::{DEPTH, Excess, FIELDS, FRAGMENTS};

/// The weight of a selection set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    depth: usize,
    fields: usize,
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    /// Those that were weighed; nothing for one that is being weighed.
    fragments: HashMap<&'a Name, Option<Weight>>,
}

/// Refuses a document one of whose operations is too much of something: the validation reads all of them.
pub fn weigh(document: &ExecutableDocument) -> Result<(), Excess> {
    if document.fragments.len() > FRAGMENTS {
        return Err(Excess::Fragments);
    }
    let mut scale = Scale {
        document,
        fragments: HashMap::new(),
    };
    let mut all = Weight::default();
    for (_, operation) in document.operations.iter() {
        let one = scale.set(&operation.node.selection_set.node);
        all.depth = all.depth.max(one.depth);
        all.fields = all.fields.saturating_add(one.fields);
    }
    let Weight { depth, fields } = all;
    if depth > DEPTH {
        return Err(Excess::Depth);
    }
    if fields > FIELDS {
        return Err(Excess::Fields);
    }
    Ok(())
}

impl<'a> Scale<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Weight {
        let mut weight = Weight::default();
        for selection in &set.items {
            let (one, deeper) = match &selection.node {
                Selection::Field(field) => (self.set(&field.node.selection_set.node), 1),
                Selection::InlineFragment(inline) => (self.set(&inline.node.selection_set.node), 0),
                Selection::FragmentSpread(spread) => {
                    (self.fragment(&spread.node.fragment_name.node), 0)
                }
            };
            weight.depth = weight.depth.max(one.depth.saturating_add(deeper));
            // A spread counts too: what follows it has work even where it is empty.
            weight.fields = weight.fields.saturating_add(one.fields).saturating_add(1);
        }
        weight
    }

    fn fragment(&mut self, name: &'a Name) -> Weight {
        if let Some(known) = self.fragments.get(name) {
            // Inside itself, it has no end.
            return known.unwrap_or(Weight {
                depth: usize::MAX,
                fields: 0,
            });
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Weight::default();
        };
        self.fragments.insert(name, None);
        let weight = self.set(&fragment.node.selection_set.node);
        self.fragments.insert(name, Some(weight));
        weight
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn outcome(text: &str) -> Result<(), Excess> {
        let document = parse_query(text).unwrap();
        weigh(&document)
    }

    #[test]
    fn fragments_are_written_out_where_they_are_used() {
        assert_eq!(outcome("{ ...A } fragment A on Query { a { b } }"), Ok(()));
        // 2 to the 30th fields in 31 lines.
        let mut text = "{ ...F0 }".to_owned();
        for number in 0..30 {
            let next = number + 1;
            text += &format!(" fragment F{number} on Query {{ ...F{next} ...F{next} }}");
        }
        text += " fragment F30 on Query { a }";
        assert_eq!(outcome(&text), Err(Excess::Fields));
    }

    #[test]
    fn depth_is_counted_through_fragments() {
        let mut text = "{ ...F0 }".to_owned();
        for number in 0..25 {
            let next = number + 1;
            text += &format!(" fragment F{number} on Query {{ a {{ ...F{next} }} }}");
        }
        text += " fragment F25 on Query { a }";
        assert_eq!(outcome(&text), Err(Excess::Depth));
    }

    #[test]
    fn a_fragment_inside_itself_has_no_end() {
        let cycle =
            "{ ...A } fragment A on Query { a { ...B } } fragment B on Query { b { ...A } }";
        assert_eq!(outcome(cycle), Err(Excess::Depth));
    }

    #[test]
    fn more_fragments_than_anybody_needs_are_refused() {
        let fragments: String = (0..51)
            .map(|number| format!(" fragment F{number} on Query {{ a }}"))
            .collect();
        let refused = outcome(&format!("{{ a }}{fragments}"));
        assert_eq!(refused, Err(Excess::Fragments));
    }
}
