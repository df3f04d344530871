//! XML, one element after the other, escaped and well-formed. Every text passes through here: what
//! XML 1.0 cannot carry (§2.2) is dropped, white space becomes single spaces, and nothing is empty.

use std::io;

use commerce::Money;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesPI, BytesStart, BytesText, Event};

use crate::civil::Day;

/// The document while it is written.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document of its own.
    pub fn document() -> io::Result<Self> {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 1));
        let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
        xml.0.write_event(Event::Decl(declaration))?;
        Ok(xml)
    }

    /// A packet of metadata inside another file (ISO 16684-1 §7.3.2): `inner`, in its wrapper.
    pub fn packet(inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<Vec<u8>> {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 1));
        let begin = "xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"";
        xml.0.write_event(Event::PI(BytesPI::new(begin)))?;
        inner(&mut xml)?;
        let end = "xpacket end=\"r\"";
        xml.0.write_event(Event::PI(BytesPI::new(end)))?;
        Ok(xml.finish())
    }

    /// An element of elements.
    pub fn node(
        &mut self,
        name: &str,
        inner: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.wrap(name, &[], inner)
    }

    /// An element of text.
    pub fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.wrap(name, &[], |xml| xml.write(text))
    }

    /// An element of text with an attribute.
    pub fn text_with(&mut self, name: &str, with: (&str, &str), text: &str) -> io::Result<()> {
        self.wrap(name, &[with], |xml| xml.write(text))
    }

    /// A day in the format 102 of UNTDID 2379.
    pub fn date(&mut self, name: &str, day: Day) -> io::Result<()> {
        self.node(name, |xml| {
            let format = ("format", "102");
            xml.text_with("udt:DateTimeString", format, &day.format_102())
        })
    }

    /// An amount of two decimals.
    pub fn amount(&mut self, name: &str, amount: Money) -> io::Result<()> {
        self.text(name, &amount.decimal())
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    /// An element of elements, with attributes.
    pub fn wrap(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inner: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.0.write_event(Event::Start(start))?;
        inner(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.0
            .write_event(Event::Text(BytesText::new(&sayable(text))))
    }
}

/// The text as XML can carry it: a hyphen if nothing is left of it, because an empty element is no
/// value (BR-CL and PEPPOL-EN16931-R008).
pub fn sayable(text: &str) -> String {
    let carried =
        |character: char| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}');
    let spaced: String = text
        .chars()
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .filter(|character| carried(*character))
        .collect();
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return String::from("-");
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_carry_is_dropped_and_what_it_can_is_kept() {
        for (text, said) in [
            ("Thé & <café> \"x\"", "Thé & <café> \"x\""),
            ("a\u{0}\u{1}b\u{7f}\u{85}\n\tc\u{ffff}", "ab c"),
            ("🦀 مرحبا", "🦀 مرحبا"),
            (" \u{a0}\n", "-"),
            ("", "-"),
        ] {
            assert_eq!(sayable(text), said, "{text:?}");
        }
    }
}
