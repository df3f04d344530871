//! Reading the pairs of a query into a structure, by serde.

use std::fmt::{self, Display};

use commerce::Text;
use commerce::bounded::Excess;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Pair;

/// What is wrong with which parameter.
pub struct Wrong {
    pub name: String,
    pub detail: Text,
}

/// Reads what the pairs say of the fields of a structure.
pub fn read<T: DeserializeOwned>(pairs: &[Pair]) -> Result<T, Wrong> {
    T::deserialize(Parameters { pairs }).map_err(|error| match error {
        Error::Missing(name) => Wrong {
            name: name.to_owned(),
            detail: Text::new("Ce paramètre est obligatoire", "This parameter is required"),
        },
        Error::At { name, detail } => Wrong { name, detail },
        Error::Value(detail) => Wrong {
            name: String::new(),
            detail,
        },
        Error::Fields(_) => Wrong {
            name: String::new(),
            detail: unexpected(&"no structure"),
        },
    })
}

/// The names of the fields of a structure.
pub fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    match T::deserialize(Fields) {
        Err(Error::Fields(names)) => names,
        _ => &[],
    }
}

/// Why nothing is read.
#[derive(Debug)]
enum Error {
    /// A field of the structure that no pair is for.
    Missing(&'static str),
    /// What is wrong with a value, before it is known whose it is.
    Value(Text),
    At {
        name: String,
        detail: Text,
    },
    /// Not an error: what [`Fields`] wants to know.
    Fields(&'static [&'static str]),
}

fn unexpected(message: &dyn Display) -> Text {
    Text::new(
        "La valeur n’est pas du type attendu",
        format!("The value is not of the expected type: {message}"),
    )
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<M: Display>(message: M) -> Self {
        let message = message.to_string();
        let excess = Excess::find(&message).map(Excess::text);
        Self::Value(excess.unwrap_or_else(|| unexpected(&message)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let names = expected.join(", ");
        Self::Value(Text::new(
            format!("Une de ces valeurs est attendue : {names}"),
            format!("One of these is expected: {names}"),
        ))
    }
}

/// Says which fields a structure has.
struct Fields;

impl<'de> Deserializer<'de> for Fields {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::Fields(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::Fields(fields))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// All pairs of a query.
struct Parameters<'a> {
    pairs: &'a [Pair],
}

impl<'de> Deserializer<'de> for Parameters<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::Fields(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let known: Vec<&Pair> = self
            .pairs
            .iter()
            .filter(|(name, _)| fields.contains(&&**name))
            .collect();
        for (at, (name, value)) in known.iter().enumerate() {
            let is_repeated = known.iter().take(at).any(|(earlier, _)| earlier == name);
            let detail = match value {
                _ if is_repeated => Text::new(
                    "Ce paramètre est donné plusieurs fois",
                    "This parameter is given more than once",
                ),
                None => Text::new(
                    "La valeur n’est pas du texte en UTF-8",
                    "The value is not UTF-8 text",
                ),
                Some(_) => continue,
            };
            let name = name.clone();
            return Err(Error::At { name, detail });
        }
        visitor.visit_map(Pairs {
            rest: &known,
            value: None,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The pairs that are still to be read.
struct Pairs<'a> {
    rest: &'a [&'a Pair],
    value: Option<&'a Pair>,
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        (self.rest, self.value) = (rest, Some(*first));
        seed.deserialize(Value(&first.0)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, value) = self.value.take().ok_or(Error::Fields(&[]))?;
        let value = Value(value.as_deref().unwrap_or_default());
        seed.deserialize(value).map_err(|error| match error {
            Error::Value(detail) => Error::At {
                name: name.clone(),
                detail,
            },
            other => other,
        })
    }
}

/// The text of one value, or of one name.
struct Value<'a>(&'a str);

macro_rules! whole_numbers {
    ($($deserialize:ident $visit:ident $number:ty)+) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(whole(self.0, <$number>::MIN, <$number>::MAX)?)
        }
    )+};
}

/// Digits, with a sign before those of a number below zero.
fn whole<T: std::str::FromStr + Display>(text: &str, least: T, most: T) -> Result<T, Error> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::Value(Text::new(
            "Un nombre entier est attendu",
            "A whole number is expected",
        )));
    }
    text.parse().map_err(|_| {
        Error::Value(Text::new(
            format!("Un nombre de {least} à {most} est attendu"),
            format!("A number from {least} to {most} is expected"),
        ))
    })
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Error::Value(Text::new(
                "true ou false est attendu",
                "true or false is expected",
            ))),
        }
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}
