//! Items that were read lately, in Redis: filled on a miss, dropped on every change.
//!
//! Where Redis fails, items come from MySQL and the log says so.

use std::collections::HashMap;

use cache::{Cache, Fill, Lookup};
use commerce::ItemId;
use db::Db;
use service::Context;

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

    /// Those of the items that there are: one round trip to Redis, and one statement if any was missed.
    pub async fn find_many(&self, context: &Context, ids: &[ItemId]) -> db::Result<Vec<Item>> {
        let (kept, fill) = self.look(context, ids).await;
        let missed: Vec<ItemId> = ids
            .iter()
            .filter(|id| !kept.contains_key(id))
            .copied()
            .collect();
        if missed.is_empty() {
            return Ok(kept.into_values().collect());
        }
        let read = items::find_many(&self.db, &missed).await?;
        if let Some(fill) = fill {
            let entries: Vec<(String, &Item)> =
                read.iter().map(|item| (key(item.id), item)).collect();
            if let Err(error) = self.cache.fill(fill, &entries, TTL_MS).await {
                service::warn(context, "items that were read are not kept", &error);
            }
        }
        Ok(kept.into_values().chain(read).collect())
    }

    async fn look(
        &self,
        context: &Context,
        ids: &[ItemId],
    ) -> (HashMap<ItemId, Item>, Option<Fill>) {
        let keys: Vec<String> = ids.iter().copied().map(key).collect();
        let lease = service::fresh_uuid().to_string();
        match self.cache.fetch::<Item>(&keys, lease).await {
            Ok(Lookup { values, fill }) => {
                let kept = values.into_iter().flatten().map(|item| (item.id, item));
                (kept.collect(), Some(fill))
            }
            Err(error) => {
                service::warn(context, "items are read without Redis", &error);
                (HashMap::new(), None)
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

fn key(id: ItemId) -> String {
    format!("catalog:item:{id}")
}
