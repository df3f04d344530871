//! What Relay asks of a schema (GraphQL Global Object Identification; GraphQL Cursor Connections), as rules
//! over its text. Each rule is shown to find what breaks it.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InterfaceType, ObjectType, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};

/// The types of a schema by their names.
struct Sdl(HashMap<String, TypeDefinition>);

impl Sdl {
    fn parse(text: &str) -> Self {
        let definitions = parse_schema(text).unwrap().definitions.into_iter();
        let types = definitions.filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => {
                let definition = definition.node;
                Some((definition.name.node.to_string(), definition))
            }
            _ => None,
        });
        Self(types.collect())
    }

    fn objects(&self) -> impl Iterator<Item = (&str, &ObjectType)> {
        self.0
            .iter()
            .filter_map(|(name, definition)| match &definition.kind {
                TypeKind::Object(object) => Some((name.as_str(), object)),
                _ => None,
            })
    }

    fn object(&self, name: &str) -> Option<&ObjectType> {
        match &self.0.get(name)?.kind {
            TypeKind::Object(object) => Some(object),
            _ => None,
        }
    }

    fn interface(&self, name: &str) -> Option<&InterfaceType> {
        match &self.0.get(name)?.kind {
            TypeKind::Interface(interface) => Some(interface),
            _ => None,
        }
    }

    fn is_scalar_or_enum(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(definition) => {
                matches!(definition.kind, TypeKind::Scalar | TypeKind::Enum(_))
            }
            None => ["Int", "Float", "String", "Boolean", "ID"].contains(&name),
        }
    }
}

fn field<'a>(object: &'a ObjectType, name: &str) -> Option<&'a FieldDefinition> {
    let mut fields = object.fields.iter().map(|field| &field.node);
    fields.find(|field| field.name.node == name)
}

fn field_type(object: &ObjectType, name: &str) -> String {
    field(object, name).map_or_else(String::new, |field| field.ty.node.to_string())
}

/// The name of a type without its lists and its `!`.
fn named(of: &Type) -> String {
    of.to_string().replace(['[', ']', '!'], "")
}

/// Everything that Relay would stumble over.
fn lint(text: &str) -> Vec<String> {
    let sdl = Sdl::parse(text);
    let mut faults = Vec::new();
    check_node(&sdl, &mut faults);
    check_page_info(&sdl, &mut faults);
    for (name, object) in sdl.objects() {
        if let Some(node) = name.strip_suffix("Connection") {
            check_connection(&sdl, name, node, object, &mut faults);
        }
        for field in &object.fields {
            check_paged_field(&sdl, name, &field.node, &mut faults);
        }
    }
    faults.sort();
    faults
}

/// Global Object Identification: the interface, the field that finds by it, and everybody who is in it.
fn check_node(sdl: &Sdl, faults: &mut Vec<String>) {
    let interface = sdl.interface("Node");
    let has_id = interface.is_some_and(|interface| {
        let fields = interface.fields.iter().map(|field| &field.node);
        let only: Vec<_> = fields
            .map(|field| (field.name.node.to_string(), field.ty.node.to_string()))
            .collect();
        only == [("id".to_owned(), "ID!".to_owned())]
    });
    if !has_id {
        faults.push("the interface Node has id: ID! and nothing else".to_owned());
    }
    let finds = sdl.object("Query").and_then(|query| field(query, "node"));
    let finds = finds.is_some_and(|node| {
        let arguments: Vec<String> = node
            .arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
            .collect();
        arguments == ["id: ID!"] && node.ty.node.to_string() == "Node"
    });
    if !finds {
        faults.push("Query has node(id: ID!): Node".to_owned());
    }
    for (name, object) in sdl.objects() {
        let is_node = object.implements.iter().any(|one| one.node == "Node");
        if is_node != (field_type(object, "id") == "ID!") {
            faults.push(format!(
                "{name} has an id: ID! if it is a Node, and only then"
            ));
        }
    }
}

fn check_page_info(sdl: &Sdl, faults: &mut Vec<String>) {
    for (name, wanted) in [
        ("hasPreviousPage", "Boolean!"),
        ("hasNextPage", "Boolean!"),
        ("startCursor", "String"),
        ("endCursor", "String"),
    ] {
        let page_info = sdl.object("PageInfo");
        if page_info.is_none_or(|object| field_type(object, name) != wanted) {
            faults.push(format!("PageInfo has {name}: {wanted}"));
        }
    }
}

/// A connection has edges and page information; an edge, a node and its cursor.
fn check_connection(
    sdl: &Sdl,
    name: &str,
    node: &str,
    connection: &ObjectType,
    faults: &mut Vec<String>,
) {
    if field_type(connection, "pageInfo") != "PageInfo!" {
        faults.push(format!("{name} has pageInfo: PageInfo!"));
    }
    let edges = field(connection, "edges").map(|edges| &edges.ty.node);
    let is_list = edges.is_some_and(|edges| edges.to_string().starts_with('['));
    let edge_name = edges.map(named).unwrap_or_default();
    if !is_list || edge_name != format!("{node}Edge") {
        faults.push(format!("{name} has edges, a list of {node}Edge"));
    }
    let Some(edge) = sdl.object(&edge_name) else {
        return;
    };
    let cursor = field_type(edge, "cursor");
    if cursor.trim_end_matches('!') != "String" {
        faults.push(format!("{edge_name} has cursor: String"));
    }
    let found = field(edge, "node").map(|node| &node.ty.node);
    let is_one = found.is_some_and(|node| !node.to_string().starts_with('['));
    let named = found.map(named).unwrap_or_default();
    if !is_one || (named != node && !sdl.is_scalar_or_enum(&named)) {
        faults.push(format!("{edge_name} has node: {node}, and no list"));
    }
}

/// A field that answers with a connection can be paged forwards.
fn check_paged_field(sdl: &Sdl, owner: &str, field: &FieldDefinition, faults: &mut Vec<String>) {
    let answer = named(&field.ty.node);
    if !answer.ends_with("Connection") {
        return;
    }
    if sdl.object(&answer).is_none() || field.ty.node.to_string().starts_with('[') {
        faults.push(format!("{owner}.{} is one connection", field.name.node));
    }
    for (name, wanted) in [("first", "Int"), ("after", "String")] {
        let mut arguments = field.arguments.iter().map(|argument| &argument.node);
        let found = arguments.find(|argument| argument.name.node == name);
        if found.is_none_or(|found| found.ty.node.to_string() != wanted) {
            let field = &field.name.node;
            faults.push(format!("{owner}.{field} takes {name}: {wanted}"));
        }
    }
}

#[test]
fn the_schema_is_what_relay_asks_for() {
    let faults = lint(&super::document());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let good = super::document();
    for (there, instead) in [
        ("interface Node {", "interface Nod {"),
        ("node(id: ID!): Node", "node(id: ID): Node"),
        ("type Product implements Node", "type Product"),
        ("hasNextPage: Boolean!", "hasNextPage: Boolean"),
        ("pageInfo: PageInfo!", "pageInfo: PageInfo"),
        ("edges: [ProductEdge!]!", "edges: ProductEdge!"),
        ("edges: [ProductEdge!]!", "edges: [Product!]!"),
        ("cursor: String!", "cursor: Int!"),
        ("node: Product!", "node: [Product!]!"),
        ("after: String", "after: ID"),
    ] {
        assert!(good.contains(there), "{there}");
        let broken = good.replacen(there, instead, 1);
        assert!(!lint(&broken).is_empty(), "{instead}");
    }
}
