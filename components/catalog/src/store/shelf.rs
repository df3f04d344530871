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
    /// known of their stock has run out, one reader reads them anew, and the others have them as they were.
    pub async fn find_many(&self, context: &Context, ids: &[ItemId]) -> db::Result<Vec<Item>> {
        let Looked { mut kept, fill } = self.look(context, ids).await;
        let now = clock::now();
        for id in self.renew(context, &kept, fill.as_ref(), now).await {
            kept.remove(&id);
        }
        let missed: Vec<ItemId> = ids
            .iter()
            .filter(|id| !kept.contains_key(id))
            .copied()
            .collect();
        let kept = kept.into_values().map(|kept| kept.item);
        if missed.is_empty() {
            return Ok(kept.collect());
        }
        let read = items::find_many(&self.db, &missed).await?;
        let read: Vec<Kept> = read.into_iter().map(|item| Kept::new(item, now)).collect();
        if let Some(fill) = fill {
            let entries: Vec<(String, &Kept)> =
                read.iter().map(|kept| (key(kept.item.id), kept)).collect();
            if let Err(error) = self.cache.fill(fill, &entries, TTL_MS).await {
                service::warn(context, "items that were read are not kept", &error);
            }
        }
        Ok(kept.chain(read.into_iter().map(|kept| kept.item)).collect())
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

    /// Those whose stock is not known any more, and that this reader is to read anew.
    async fn renew(
        &self,
        context: &Context,
        kept: &HashMap<ItemId, Kept>,
        fill: Option<&Fill>,
        now: Timestamp,
    ) -> Vec<ItemId> {
        let past = kept.values().filter(|kept| kept.known_until <= now);
        let past: Vec<ItemId> = past.map(|kept| kept.item.id).collect();
        let Some(fill) = fill.filter(|_| !past.is_empty()) else {
            return past;
        };
        let keys: Vec<String> = past.iter().copied().map(key).collect();
        match self.cache.renew(&keys, fill).await {
            Ok(mine) => {
                let mine = past.iter().zip(mine).filter(|(_, is_mine)| *is_mine);
                mine.map(|(id, _)| *id).collect()
            }
            Err(error) => {
                service::warn(context, "items are read without Redis", &error);
                past
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
