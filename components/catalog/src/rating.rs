//! Ratings: 1 to 5 stars each, averages to the hundredth.

use commerce::Text;
use serde::{Deserialize, Serialize, Serializer, ser};
use utoipa::ToSchema;

/// What a review gives: 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = u8, minimum = 1, maximum = 5, example = 4)]
pub struct Rating(u8);

impl Rating {
    pub fn new(stars: u8) -> Result<Self, Text> {
        if (1..=5).contains(&stars) {
            Ok(Self(stars))
        } else {
            Err(Text::new("De 1 à 5", "From 1 to 5"))
        }
    }

    pub fn stars(self) -> u8 {
        self.0
    }
}

/// The average of an item's ratings in hundredths, as its row counts it; 0 stands for no review at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AverageRating(u16);

impl AverageRating {
    pub const NONE: Self = Self(0);

    pub const fn from_hundredths(hundredths: u16) -> Self {
        Self(hundredths)
    }

    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// What is sent; nothing where there is no review.
    pub fn shown(self) -> Option<ShownAverage> {
        (self != Self::NONE).then_some(ShownAverage(self))
    }
}

/// An average on the wire: a JSON number with two decimals at most.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = f64, minimum = 1, maximum = 5, example = 4.33)]
pub struct ShownAverage(AverageRating);

impl Serialize for ShownAverage {
    /// The number is written through the double nearest to it, whose shortest text is the number itself.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hundredths = self.0.hundredths();
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        serializer.serialize_f64(text.parse().map_err(ser::Error::custom)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_one_to_five_stars() {
        for stars in 0..=u8::MAX {
            assert_eq!(Rating::new(stars).is_ok(), (1..=5).contains(&stars));
        }
    }

    #[test]
    fn an_average_is_sent_as_it_was_counted() {
        for hundredths in 100..=500 {
            let average = AverageRating::from_hundredths(hundredths).shown();
            let json = serde_json::to_string(&average).unwrap();
            let (whole, decimals) = json.split_once('.').unwrap();
            let read = format!("{whole}{decimals:0<2}").parse::<u16>().unwrap();
            assert_eq!(read, hundredths, "{json}");
        }
    }

    #[test]
    fn an_item_without_a_review_has_no_average() {
        let json = serde_json::to_string(&AverageRating::NONE.shown()).unwrap();
        assert_eq!(json, "null");
    }
}
