//! Leases while Redis is away: the table `job_leases` of the service's own schema.

use std::collections::HashSet;
use std::time::Duration;

use db::{Db, params};

use super::super::Job;
use super::{LASTS, When};
use crate::clock::now_ms;

/// The jobs that somebody runs, or whose pause is not over.
pub async fn list_busy(db: &Db) -> db::Result<HashSet<String>> {
    const SELECT: &str = "select name from job_leases where leased_until > ? or due_at > ?";
    let now = now_ms();
    let rows = db.query(SELECT, &params![now, now]).await?;
    rows.into_iter().map(|mut row| row.next()).collect()
}

/// Whether the job was free, and is now this token's.
pub async fn take(db: &Db, job: &Job, when: When, token: &str) -> db::Result<bool> {
    const INSERT: &str =
        "insert into job_leases (name) values (?) on duplicate key update name = name";
    const UPDATE: &str = "update job_leases set token = ?, leased_until = ?, due_at = ? \
         where name = ? and leased_until <= ? and due_at <= ?";
    let now = now_ms();
    let latest_pause = if when == When::Due { now } else { i64::MAX };
    let (until, due) = (after(now, LASTS), after(now, job.every));
    let params = params![token, until, due, job.name, now, latest_pause];
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let taken = async {
            tx.execute(INSERT, &params![job.name]).await?;
            tx.execute(UPDATE, &params).await?;
            Ok(tx.affected().await? == 1)
        }
        .await;
        tx.finish(taken).await
    })
    .await
}

/// Whether it is still this token's.
pub async fn renew(db: &Db, name: &str, token: &str) -> db::Result<bool> {
    end_at(db, name, token, after(now_ms(), LASTS)).await
}

pub async fn release(db: &Db, name: &str, token: &str) -> db::Result<bool> {
    end_at(db, name, token, 0).await
}

async fn end_at(db: &Db, name: &str, token: &str, end: i64) -> db::Result<bool> {
    const UPDATE: &str = "update job_leases set leased_until = ? where name = ? and token = ?";
    let params = params![end, name, token];
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let ended = async {
            tx.execute(UPDATE, &params).await?;
            Ok(tx.affected().await? == 1)
        }
        .await;
        tx.finish(ended).await
    })
    .await
}

fn after(now: i64, time: Duration) -> i64 {
    now.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
