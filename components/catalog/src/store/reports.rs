//! The table `review_reports`: what people have reported of reviews.

use commerce::{ReportId, ReviewId, Timestamp};
use db::{Db, Row, Tx, params};

use super::refused;
use crate::review::{Decision, ReviewReport};

/// Adds a report; [`db::Error::Duplicate`] of `review_reports_once` if the reporter has reported the review before.
pub async fn insert(tx: &mut Tx, report: &ReviewReport) -> db::Result<()> {
    const INSERT: &str = "insert into review_reports (id, review_id, item_id, reporter_id, reason, \
         created_at) values (?, ?, ?, ?, ?, ?)";
    let params = params![
        report.id,
        report.review_id,
        report.item_id,
        report.reporter_id,
        report.reason,
        report.created_at
    ];
    tx.execute(INSERT, &params).await
}

/// Reports from the oldest, past one: all, or those that nobody has decided on.
pub async fn list(
    db: &Db,
    open: bool,
    after: Option<ReportId>,
    rows: i64,
) -> db::Result<Vec<ReviewReport>> {
    const ALL: &str = "select id, review_id, item_id, reporter_id, reason, decision, created_at, decided_at \
         from review_reports where ? is null or id > ? order by id limit ?";
    const OPEN: &str = "select id, review_id, item_id, reporter_id, reason, decision, created_at, decided_at \
         from review_reports where decided_at is null and (? is null or id > ?) order by id limit ?";
    let sql = if open { OPEN } else { ALL };
    let rows = db.query(sql, &params![after, after, rows]).await?;
    rows.into_iter().map(read).collect()
}

/// Decides on what is open of a review that was locked.
pub async fn decide(
    tx: &mut Tx,
    review: ReviewId,
    decision: Decision,
    now: Timestamp,
) -> db::Result<()> {
    const UPDATE: &str = "update review_reports set decision = ?, decided_at = ? \
         where review_id = ? and decided_at is null";
    tx.execute(UPDATE, &params![decision.as_str(), now, review])
        .await
}

fn read(mut row: Row) -> db::Result<ReviewReport> {
    let (id, review_id, item_id, reporter_id) =
        (row.next()?, row.next()?, row.next()?, row.next()?);
    let reason = row.next()?;
    let decision: Option<String> = row.next()?;
    let parse =
        |text: String| Decision::parse(&text).ok_or_else(|| refused("a decision that is none"));
    Ok(ReviewReport {
        id,
        review_id,
        item_id,
        reporter_id,
        reason,
        decision: decision.map(parse).transpose()?,
        created_at: row.next()?,
        decided_at: row.next()?,
    })
}
