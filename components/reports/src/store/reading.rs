//! Reading what is served: one script, and one generation, for each answer. None of it grows with the number
//! of orders.

use std::collections::HashMap;

use cache::{Cache, Error, Reply, Script};
use commerce::{Currency, ItemId, UserId};
use serde::{Deserialize, Serialize};

use super::{run, script};
use crate::card::Card;
use crate::count::{self, Scope};

/// What a script answers where nothing is served yet.
const MISSING: &str = "missing";

/// A script that reads of the generation that is served.
macro_rules! reading_script {
    ($text:literal) => {
        script!("if not current then return {'missing'} end\n", $text)
    };
}

/// The values of an answer; nothing where there is no model to read.
struct Values(std::vec::IntoIter<Reply>);

impl Values {
    async fn read(cache: &Cache, script: &Script, args: &[&str]) -> cache::Result<Option<Self>> {
        let mut values = run(cache, script, args).await?.into_iter();
        let first = values.next().ok_or(Error::Unexpected("wanted an answer"))?;
        let is_missing = matches!(&first, Reply::Bytes(bytes) if bytes == MISSING.as_bytes());
        Ok((!is_missing).then_some(Self(values)))
    }

    /// A text; nothing at the end, or where there is none.
    fn text(&mut self) -> cache::Result<Option<String>> {
        match self.0.next() {
            None | Some(Reply::Nil) => Ok(None),
            Some(reply) => reply.text().map(Some),
        }
    }

    fn score(&mut self) -> cache::Result<Score> {
        let text = self.text()?.unwrap_or_default();
        Score::try_from(text).map_err(|_| Error::Unexpected("wanted a score"))
    }

    /// A sum from its two fields.
    fn sum(&mut self) -> cache::Result<i64> {
        let (small, large) = (self.number()?, self.number()?);
        Ok(count::whole(small, large))
    }

    fn number(&mut self) -> cache::Result<i64> {
        let text = self.text()?;
        text.map_or(Ok(0), |text| {
            text.parse()
                .map_err(|_| Error::Unexpected("wanted a number"))
        })
    }
}

/// An item as it is kept.
#[derive(Deserialize)]
struct Kept {
    card: Card,
}

fn read_card(text: Option<String>) -> cache::Result<Option<Card>> {
    let kept = text.map(|text| serde_json::from_str::<Kept>(&text));
    Ok(kept.transpose()?.map(|kept| kept.card))
}

/// Where an item of the stock report stands: below its minimum or not, and by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfPlace {
    pub is_low: bool,
    pub place: String,
}

/// Items, those below their minimum first, past `after`.
pub async fn shelf(
    cache: &Cache,
    scope: Scope,
    after: Option<&ShelfPlace>,
    rows: i64,
) -> cache::Result<Option<Vec<Card>>> {
    const SHELF: Script = reading_script!(
        "local found, left = {'shelf'}, tonumber(ARGV[3])
         for i, from in ipairs({ARGV[4], ARGV[5]}) do
           if from ~= '' and left > 0 then
             local some = redis.call('zrangebylex', place(current, ARGV[i]), from, '+', 'limit', 0, left)
             left = left - #some
             for _, entry in ipairs(some) do
               table.insert(found, redis.call('hget', place(current, 'items'), string.sub(entry, -36)))
             end
           end
         end
         return found"
    );
    let [low, fine] = [true, false].map(|is_low| count::shelf(scope, is_low));
    // What was read to its end is not read again.
    let from = match after {
        None => ["-".to_owned(), "-".to_owned()],
        Some(after) if after.is_low => [format!("({}", after.place), "-".to_owned()],
        Some(after) => [String::new(), format!("({}", after.place)],
    };
    let args = [&*low, &*fine, &*rows.to_string(), &*from[0], &*from[1]];
    let Some(mut values) = Values::read(cache, &SHELF, &args).await? else {
        return Ok(None);
    };
    let mut cards = Vec::new();
    while let Some(card) = read_card(values.text()?)? {
        cards.push(card);
    }
    Ok(Some(cards))
}

/// Where an entry of a ranking stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    pub score: Score,
    pub entry: String,
}

/// By what a ranking is ordered, as Redis writes it: a float, of which nothing is read but its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Score(String);

impl TryFrom<String> for Score {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_number = text.len() <= 32 && text.parse().is_ok_and(f64::is_finite);
        is_number.then_some(Self(text)).ok_or("no score")
    }
}

/// An item that was sold.
#[derive(Clone, Debug)]
pub struct Sold {
    pub score: Score,
    pub item: ItemId,
    pub quantity: i64,
    pub earned: i64,
    /// Unless the catalogue has told of it later than orders of its sale.
    pub card: Option<Card>,
}

/// A client who has bought.
#[derive(Clone, Debug)]
pub struct Spent {
    pub score: Score,
    pub client: UserId,
    pub amount: i64,
    pub orders: i64,
}

/// Entries of a ranking from the highest score, past `after`, each with its own sum, its sum in another hash, and
/// its item, if it is one. Where the entry of `after` stands elsewhere by now, those of its score go on behind
/// its name.
const RANKING: Script = reading_script!(
    "local ranking, rows, score, entry = place(current, ARGV[1]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
     local from = 0
     if entry ~= '' then
       if redis.call('zscore', ranking, entry) == score then
         from = redis.call('zrevrank', ranking, entry) + 1
       else
         from = redis.call('zcount', ranking, '(' .. score, '+inf')
         while true do
           local one = redis.call('zrevrange', ranking, from, from, 'withscores')
           if one[2] ~= score or one[1] < entry then break end
           from = from + 1
         end
       end
     end
     local found = {'ranking'}
     local flat = redis.call('zrevrange', ranking, from, from + rows - 1, 'withscores')
     for i = 1, #flat, 2 do
       local entry = flat[i]
       table.insert(found, entry)
       table.insert(found, flat[i + 1])
       for _, sums in ipairs({ranking .. '=', place(current, ARGV[2])}) do
         table.insert(found, redis.call('hget', sums, entry))
         table.insert(found, redis.call('hget', sums, entry .. '^'))
       end
       table.insert(found, redis.call('hget', place(current, 'items'), entry))
     end
     return found"
);

async fn ranking(
    cache: &Cache,
    ranking: &str,
    beside: &str,
    after: Option<&Rank>,
    rows: i64,
) -> cache::Result<Option<Values>> {
    let (score, entry) = after.map_or(("", ""), |after| (&after.score.0, &after.entry));
    let rows = rows.to_string();
    let args = [ranking, beside, &rows, score, entry];
    Values::read(cache, &RANKING, &args).await
}

pub async fn best_sellers(
    cache: &Cache,
    scope: Scope,
    currency: Currency,
    after: Option<&Rank>,
    rows: i64,
) -> cache::Result<Option<Vec<Sold>>> {
    let (sold, earned) = (count::sold(scope, currency), count::earned(scope, currency));
    let Some(mut values) = ranking(cache, &sold, &earned, after, rows).await? else {
        return Ok(None);
    };
    let mut found = Vec::new();
    while let Some(item) = values.text()? {
        found.push(Sold {
            item: read_id(&item)?,
            score: values.score()?,
            quantity: values.sum()?,
            earned: values.sum()?,
            card: read_card(values.text()?)?,
        });
    }
    Ok(Some(found))
}

pub async fn highest_spenders(
    cache: &Cache,
    scope: Scope,
    currency: Currency,
    after: Option<&Rank>,
    rows: i64,
) -> cache::Result<Option<Vec<Spent>>> {
    let (spent, orders) = (
        count::spent(scope, currency),
        count::orders(scope, currency),
    );
    let Some(mut values) = ranking(cache, &spent, &orders, after, rows).await? else {
        return Ok(None);
    };
    let mut found = Vec::new();
    while let Some(client) = values.text()? {
        found.push(Spent {
            client: read_id(&client)?,
            score: values.score()?,
            amount: values.sum()?,
            orders: values.sum()?,
        });
        // No client is an item.
        values.text()?;
    }
    Ok(Some(found))
}

fn read_id<T: std::str::FromStr>(text: &str) -> cache::Result<T> {
    text.parse().map_err(|_| Error::Unexpected("wanted an id"))
}

/// Counts by their entries.
pub type Counts = HashMap<String, i64>;

/// What papers of these months have come to, month by month.
pub async fn sales(
    cache: &Cache,
    scope: Scope,
    months: &[String],
) -> cache::Result<Option<Vec<(String, Counts)>>> {
    let names: Vec<String> = months
        .iter()
        .map(|month| count::sales(scope, month))
        .collect();
    let found = hashes(cache, &names).await?;
    Ok(found.map(|found| months.iter().cloned().zip(found).collect()))
}

/// What suppliers deliver.
pub async fn supply(cache: &Cache, scope: Scope) -> cache::Result<Option<Counts>> {
    let found = hashes(cache, &[count::supply(scope)]).await?;
    Ok(found.map(|found| found.into_iter().next().unwrap_or_default()))
}

async fn hashes(cache: &Cache, names: &[String]) -> cache::Result<Option<Vec<Counts>>> {
    const HASHES: Script = reading_script!(
        "local found = {'hashes'}
         for _, name in ipairs(ARGV) do
           local flat = redis.call('hgetall', place(current, name))
           table.insert(found, tostring(#flat / 2))
           for _, one in ipairs(flat) do table.insert(found, one) end
         end
         return found"
    );
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(mut values) = Values::read(cache, &HASHES, &names).await? else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for _ in names {
        let mut counts = Counts::new();
        let mut larges = Counts::new();
        for _ in 0..values.number()? {
            let field = values.text()?.unwrap_or_default();
            let number = values.number()?;
            match count::of_large_part(&field) {
                Some(entry) => larges.insert(entry.to_owned(), number),
                None => counts.insert(field, number),
            };
        }
        for (entry, large) in larges {
            let small = counts.entry(entry).or_default();
            *small = count::whole(*small, large);
        }
        found.push(counts);
    }
    Ok(Some(found))
}

impl Sold {
    /// Where it stands among the items that were sold.
    pub fn rank(&self) -> Rank {
        Rank {
            score: self.score.clone(),
            entry: self.item.to_string(),
        }
    }
}

impl Spent {
    /// Where the client stands among those who have bought.
    pub fn rank(&self) -> Rank {
        Rank {
            score: self.score.clone(),
            entry: self.client.to_string(),
        }
    }
}

impl ShelfPlace {
    pub fn of(card: &Card) -> Self {
        Self {
            is_low: card.is_low(),
            place: card.place(),
        }
    }
}
