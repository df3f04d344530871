//! Fields that stand more than once in a selection set, with the same key, name, arguments and directives: they are
//! one field (GraphQL specification, "Field Selection Merging"). async-graphql 7.2 carries each of them out, so they
//! are written as one before anything is counted.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType,
    Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

/// Writes each of them once, with what is selected inside all of them.
pub fn merge(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => merge_set(&mut operation.node.selection_set.node),
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                merge_set(&mut operation.node.selection_set.node);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        merge_set(&mut fragment.node.selection_set.node);
    }
}

/// Whether a mutation stands more than once all the same: in several fragments, or under other directives. It would be
/// carried out as often.
pub fn repeats_a_mutation(document: &ExecutableDocument, operation: &OperationDefinition) -> bool {
    let mut keys = HashSet::new();
    operation.ty == OperationType::Mutation
        && repeats(document, &operation.selection_set.node, &mut keys)
}

fn repeats<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    keys: &mut HashSet<&'a Name>,
) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => !keys.insert(&field.node.response_key().node),
        Selection::InlineFragment(inline) => {
            repeats(document, &inline.node.selection_set.node, keys)
        }
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.is_some_and(|it| repeats(document, &it.node.selection_set.node, keys))
        }
    })
}

fn merge_set(set: &mut SelectionSet) {
    let mut merged: Vec<Positioned<Selection>> = Vec::with_capacity(set.items.len());
    // Those of a key that differ in anything else are refused by the validation.
    let mut first: HashMap<Name, usize> = HashMap::new();
    for mut selection in std::mem::take(&mut set.items) {
        if let Selection::Field(field) = &mut selection.node {
            let key = field.node.response_key().node.clone();
            let at = *first.entry(key).or_insert(merged.len());
            if let Some(Selection::Field(same)) = merged.get_mut(at).map(|it| &mut it.node)
                && is_same(&same.node, &field.node)
            {
                let inner = &mut field.node.selection_set.node.items;
                same.node.selection_set.node.items.append(inner);
                continue;
            }
        }
        merged.push(selection);
    }
    for selection in &mut merged {
        match &mut selection.node {
            Selection::Field(field) => merge_set(&mut field.node.selection_set.node),
            Selection::InlineFragment(inline) => merge_set(&mut inline.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
    set.items = merged;
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.name == other.name
        && one.arguments == other.arguments
        && one.directives.len() == other.directives.len()
        && one
            .directives
            .iter()
            .zip(&other.directives)
            .all(|(one, other)| is_same_directive(&one.node, &other.node))
}

fn is_same_directive(one: &Directive, other: &Directive) -> bool {
    one.name == other.name && one.arguments == other.arguments
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    /// The fields of a set, in words.
    fn written(set: &SelectionSet) -> String {
        let words = set.items.iter().map(|item| match &item.node {
            Selection::Field(field) => {
                let inner = written(&field.node.selection_set.node);
                format!("{}({inner})", field.node.response_key().node)
            }
            Selection::InlineFragment(inline) => written(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => format!("...{}", spread.node.fragment_name.node),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn merged(text: &str) -> String {
        let mut document = parse_query(text).unwrap();
        merge(&mut document);
        let (_, operation) = document.operations.iter().next().unwrap();
        written(&operation.node.selection_set.node)
    }

    #[test]
    fn what_stands_many_times_is_one_field_with_all_that_is_inside() {
        let many = "products(first: 1) { edges { node { id } } } ".repeat(240);
        let one = merged(&format!(
            "{{ {many} products(first: 1) {{ edges {{ cursor }} }} }}"
        ));
        assert_eq!(one, "products(edges(node(id()) cursor()))");
        assert_eq!(
            merged("{ a: x { b } ... on Query { x { c c } } }"),
            "a(b()) x(c())"
        );
    }

    #[test]
    fn a_mutation_that_stands_in_several_places_is_seen() {
        for (text, expected) in [
            ("mutation { a b ...F } fragment F on Mutation { c }", false),
            ("mutation { a a }", false),
            ("mutation { a ...F } fragment F on Mutation { a }", true),
            ("mutation { ...F ...F } fragment F on Mutation { a }", true),
            ("mutation { a a @include(if: true) }", true),
            ("mutation { a ... { a } }", true),
            ("{ a ...F } fragment F on Query { a }", false),
        ] {
            let mut document = parse_query(text).unwrap();
            merge(&mut document);
            let (_, operation) = document.operations.iter().next().unwrap();
            let repeats = repeats_a_mutation(&document, &operation.node);
            assert_eq!(repeats, expected, "{text}");
        }
    }

    #[test]
    fn what_differs_stays_for_the_validation() {
        for text in [
            "{ a(b: 1) a(b: 2) }",
            "{ a: b a: c }",
            "{ a @skip(if: true) a }",
            "{ a @skip(if: true) a @skip(if: false) }",
        ] {
            assert_eq!(merged(text), "a() a()", "{text}");
        }
    }
}
