//! The table `invoice_series`: the last number of each series.

use commerce::Timestamp;
use db::{Tx, params};

use crate::domain::registration::Prefixes;
use crate::merchant::MerchantId;
use crate::series::{Prefix, SeriesKind};

/// Makes sure that the merchant has both of its series, and frees those that it had and never used; the prefix
/// that is another's, if one is.
pub async fn claim(
    tx: &mut Tx,
    merchant: MerchantId,
    prefixes: &Prefixes,
) -> db::Result<Option<SeriesKind>> {
    free_unused(tx, merchant, Some(prefixes)).await?;
    for kind in [SeriesKind::Invoice, SeriesKind::CreditNote] {
        if !claim_one(tx, prefixes.of(kind), merchant, kind).await? {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}

/// Frees the series of a merchant of which no number was given, but for these.
pub async fn free_unused(
    tx: &mut Tx,
    merchant: MerchantId,
    keep: Option<&Prefixes>,
) -> db::Result<()> {
    const DELETE: &str = "delete from invoice_series where merchant_id = ? and last_number = 0 \
         and prefix not in (?, ?)";
    // No prefix is empty.
    let keep = |kind| keep.map_or("", |keep| keep.of(kind).as_str());
    let params = params![
        merchant.into_bytes(),
        keep(SeriesKind::Invoice),
        keep(SeriesKind::CreditNote)
    ];
    tx.execute(DELETE, &params).await
}

async fn claim_one(
    tx: &mut Tx,
    prefix: &Prefix,
    merchant: MerchantId,
    kind: SeriesKind,
) -> db::Result<bool> {
    const INSERT: &str = "insert into invoice_series (prefix, merchant_id, kind) values (?, ?, ?) \
         on duplicate key update prefix = invoice_series.prefix";
    const SELECT: &str = "select prefix from invoice_series where prefix = ? and merchant_id = ? \
         and kind = ?";
    let owner = params![prefix.as_str(), merchant.into_bytes(), kind.as_str()];
    tx.execute(INSERT, &owner).await?;
    Ok(tx.query_one(SELECT, &owner).await?.is_some())
}

/// The next number of a series and its instant, which is never before that of the number before. The series
/// is locked until the transaction ends: whoever asks next has the next number, or this one if it is not
/// committed.
pub async fn next(
    tx: &mut Tx,
    prefix: &Prefix,
    (merchant, kind): (MerchantId, SeriesKind),
    now: Timestamp,
) -> db::Result<(u64, Timestamp)> {
    const SELECT: &str = "select last_number, last_issued_at from invoice_series where prefix = ? \
         for update";
    const UPDATE: &str =
        "update invoice_series set last_number = ?, last_issued_at = ? where prefix = ?";
    let mut row = tx.lock_one(SELECT, &params![prefix.as_str()]).await?;
    // The merchant was given other prefixes while this paper was written, and this one was never used.
    if row.is_none() && claim_one(tx, prefix, merchant, kind).await? {
        row = tx.lock_one(SELECT, &params![prefix.as_str()]).await?;
    }
    let mut row = row.ok_or_else(|| db::Error::Refused(format!("no series {prefix}")))?;
    let number = row.next::<u64>()? + 1;
    let issued_at = row.next::<Timestamp>()?.max(now);
    tx.execute(UPDATE, &params![number, issued_at, prefix.as_str()])
        .await?;
    Ok((number, issued_at))
}
