//! XML as a tree, to look things up and to change them.

use quick_xml::Reader;
use quick_xml::events::Event;
use rust_decimal::Decimal;

/// An element without its prefix.
#[derive(Debug, Clone, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn parse(xml: &[u8]) -> Self {
        let text = String::from_utf8(xml.to_vec()).unwrap();
        let mut reader = Reader::from_str(&text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self {
                    name: start.local_name().as_ref().to_owned(),
                    attributes: start
                        .attributes()
                        .map(|attribute| {
                            let attribute = attribute.unwrap();
                            (
                                attribute.key.local_name().as_ref().to_owned(),
                                attribute.value.into_owned(),
                            )
                        })
                        .collect(),
                    ..Self::default()
                }),
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Text(part) => open
                    .last_mut()
                    .unwrap()
                    .text
                    .push_str(part.trim_matches('\n')),
                Event::GeneralRef(reference) => {
                    let character = match &*reference {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        "apos" => "'",
                        other => panic!("&{other};"),
                    };
                    open.last_mut().unwrap().text.push_str(character);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        open.remove(0).children.remove(0)
    }

    /// All elements at a path such as `a/b/c`, below this one.
    pub fn all(&self, path: &str) -> Vec<&Self> {
        path.split('/').fold(vec![self], |found, name| {
            let children = found.into_iter().flat_map(|it| &it.children);
            children.filter(|child| child.name == name).collect()
        })
    }

    pub fn first(&self, path: &str) -> Option<&Self> {
        self.all(path).first().copied()
    }

    pub fn text(&self, path: &str) -> &str {
        self.first(path).map_or("", |element| element.text.trim())
    }

    /// The number at a path; zero if it is not there.
    pub fn number(&self, path: &str) -> Decimal {
        self.text(path).parse().unwrap_or_default()
    }

    /// Whether something holds for this element and all below it.
    pub fn each(&self, holds: &dyn Fn(&Self) -> bool) -> bool {
        holds(self) && self.children.iter().all(|child| child.each(holds))
    }

    /// All elements below this one whose name ends like this.
    pub fn ending(&mut self, name: &str) -> Vec<&mut Self> {
        let mut found = Vec::new();
        for child in &mut self.children {
            if child.name.ends_with(name) {
                found.push(child);
            } else {
                found.extend(child.ending(name));
            }
        }
        found
    }

    /// Changes the first element at a path.
    pub fn change(&mut self, path: &str, how: &dyn Fn(&mut Self)) {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let child = self.children.iter_mut().find(|child| child.name == name);
        let child = child.unwrap_or_else(|| panic!("no {path}"));
        if rest.is_empty() {
            how(child);
        } else {
            child.change(rest, how);
        }
    }

    /// Takes the first element at a path away.
    pub fn remove(&mut self, path: &str) {
        let (parent, name) = path.rsplit_once('/').unwrap();
        self.change(parent, &|parent| {
            let position = parent.children.iter().position(|child| child.name == name);
            parent.children.remove(position.unwrap());
        });
    }
}
