//! Items that were read lately, in Redis: filled on a miss, dropped on every change.
//!
//! Where Redis fails, items come from MySQL and the log says so.

use std::collections::HashMap;

use cache::{Cache, Fill, Lookup};
use commerce::{ItemId, Timestamp};
use db::Db;
use serde::{Deserialize, Serialize};
use service::{Context, clock};

use super::items;
use crate::item::Item;

/// How long an item may stay, in milliseconds: what a drop that Redis never heard of costs at most.
const TTL_MS: u32 = 30_000;

/// How long an item may be shown as it was once somebody's reservation has run out, in milliseconds: within that,
/// nobody waits for it to be read anew.
const STALE_MS: i64 = 5_000;

/// Keys that one command drops.
const DROPPED_AT_ONCE: usize = 500;

/// The way to read items.
#[derive(Clone)]
pub struct Shelf {
    db: Db,
    cache: Cache,
}

impl Shelf {
    pub fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }

    pub async fn find(&self, context: &Context, id: ItemId) -> db::Result<Option<Item>> {
        let found = self.find_many(context, &[id]).await?;
        Ok(found.into_iter().next())
    }

    /// Those of the items that there are: one round trip to Redis, and one statement if any was missed. Where what is
    /// known of their stock has run out, one reader reads them anew, after the answer if it was known a moment ago;
    /// the others have them as they were.
    pub async fn find_many(&self, context: &Context, ids: &[ItemId]) -> db::Result<Vec<Item>> {
        let Looked { mut kept, fill } = self.look(context, ids).await;
        if let Some(fill) = &fill {
            let Past { stale, recent } = Past::of(kept.values());
            for id in self.own(context, stale, fill).await {
                kept.remove(&id);
            }
            self.read_soon(context, recent, fill.clone());
        }
        let missed = ids.iter().filter(|id| !kept.contains_key(id));
        let missed: Vec<ItemId> = missed.copied().collect();
        let mut found: Vec<Item> = kept.into_values().map(|kept| kept.item).collect();
        if !missed.is_empty() {
            found.extend(self.read(context, &missed, fill).await?);
        }
        Ok(found)
    }

    /// Has items read anew after the answer, unless others do.
    fn read_soon(&self, context: &Context, ids: Vec<ItemId>, fill: Fill) {
        if ids.is_empty() {
            return;
        }
        let shelf = self.clone();
        service::afterwards(context, async move |context| {
            let own = shelf.own(&context, ids, &fill).await;
            if own.is_empty() {
                return;
            }
            if let Err(error) = shelf.read(&context, &own, Some(fill)).await {
                service::warn(&context, "items stay as they were for a moment", &error);
            }
        });
    }

    /// Reads from the database and keeps what was read, with the right to do so.
    async fn read(
        &self,
        context: &Context,
        ids: &[ItemId],
        fill: Option<Fill>,
    ) -> db::Result<Vec<Item>> {
        let now = clock::now();
        let read = items::find_many(&self.db, ids).await?;
        let read: Vec<Kept> = read.into_iter().map(|item| Kept::new(item, now)).collect();
        if let Some(fill) = fill {
            let entries: Vec<(String, &Kept)> =
                read.iter().map(|kept| (key(kept.item.id), kept)).collect();
            if let Err(error) = self.cache.fill(fill, &entries, TTL_MS).await {
                service::warn(context, "items that were read are not kept", &error);
            }
        }
        Ok(read.into_iter().map(|kept| kept.item).collect())
    }

    async fn look(&self, context: &Context, ids: &[ItemId]) -> Looked {
        let keys: Vec<String> = ids.iter().copied().map(key).collect();
        let lease = service::fresh_uuid().to_string();
        match self.cache.fetch::<Kept>(&keys, lease).await {
            Ok(Lookup { values, fill }) => {
                let kept = values.into_iter().flatten();
                Looked {
                    kept: kept.map(|kept| (kept.item.id, kept)).collect(),
                    fill: Some(fill),
                }
            }
            Err(error) => {
                service::warn(context, "items are read without Redis", &error);
                Looked::default()
            }
        }
    }

    /// Those of the items, whose stock is not known any more, that this reader is to read anew.
    async fn own(&self, context: &Context, ids: Vec<ItemId>, fill: &Fill) -> Vec<ItemId> {
        if ids.is_empty() {
            return ids;
        }
        let keys: Vec<String> = ids.iter().copied().map(key).collect();
        match self.cache.renew(&keys, fill).await {
            Ok(own) => {
                let own = ids.into_iter().zip(own).filter(|(_, is_own)| *is_own);
                own.map(|(id, _)| id).collect()
            }
            Err(error) => {
                service::warn(context, "items are read without Redis", &error);
                ids
            }
        }
    }

    /// Drops items that have changed, or may have: called once a transaction is over, however it ended.
    pub async fn forget(&self, context: &Context, ids: &[ItemId]) {
        for some in ids.chunks(DROPPED_AT_ONCE) {
            let keys: Vec<String> = some.iter().copied().map(key).collect();
            if let Err(error) = self.cache.forget(&keys).await {
                service::warn(context, "changed items may be read as they were", &error);
            }
        }
    }
}

/// Items whose stock is not known any more.
struct Past {
    /// For too long to be shown as they were.
    stale: Vec<ItemId>,
    recent: Vec<ItemId>,
}

impl Past {
    fn of<'a>(kept: impl Iterator<Item = &'a Kept>) -> Self {
        let now = clock::now();
        let past = kept.filter(|kept| kept.known_until <= now);
        let (stale, recent): (Vec<&Kept>, Vec<&Kept>) =
            past.partition(|kept| kept.known_until.plus_ms(STALE_MS) <= now);
        let ids = |some: Vec<&Kept>| some.into_iter().map(|kept| kept.item.id).collect();
        Self {
            stale: ids(stale),
            recent: ids(recent),
        }
    }
}

/// An item in Redis.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    item: Item,
    /// When somebody's reservation runs out, and there is more of it.
    known_until: Timestamp,
}

impl Kept {
    fn new(item: Item, read: Timestamp) -> Self {
        Self {
            known_until: item.known_until(read),
            item,
        }
    }
}

/// What Redis had, and the right to add what it had not.
#[derive(Default)]
struct Looked {
    kept: HashMap<ItemId, Kept>,
    fill: Option<Fill>,
}

fn key(id: ItemId) -> String {
    format!("catalog:item:{id}")
}
