//! The table `discounts`.

use commerce::{MerchantId, Money};
use db::{Db, Row, Tx, params};

use super::unreadable;
use crate::discount::{Code, Discount, Off, Terms};

/// A `select` of whole discounts: what [`read`] reads.
macro_rules! select_discounts {
    ($rest:literal) => {
        concat!(
            "select code, merchant_id, percent, amount, minimum, starts_at, ends_at, max_uses, uses, \
             version, created_at, updated_at from discounts ",
            $rest
        )
    };
}

pub async fn find(db: &Db, code: &Code) -> db::Result<Option<Discount>> {
    const SELECT: &str = select_discounts!("where code = ?");
    let row = db.query_one(SELECT, &params![code.as_str()]).await?;
    row.map(read).transpose()
}

/// The discount, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, code: &Code) -> db::Result<Option<Discount>> {
    const SELECT: &str = select_discounts!("where code = ? for update");
    let row = tx.lock_one(SELECT, &params![code.as_str()]).await?;
    row.map(read).transpose()
}

/// Those of one merchant, or all, by code, past one.
pub async fn list(
    db: &Db,
    merchant: Option<MerchantId>,
    after: Option<&str>,
    rows: i64,
) -> db::Result<Vec<Discount>> {
    const OF_MERCHANT: &str =
        select_discounts!("where merchant_id = ? and code > ? order by code limit ?");
    const OF_EVERYBODY: &str = select_discounts!("where code > ? order by code limit ?");
    let after = after.unwrap_or_default();
    let found = match merchant {
        Some(merchant) => {
            let params = params![merchant.into_bytes(), after, rows];
            db.query(OF_MERCHANT, &params).await?
        }
        None => db.query(OF_EVERYBODY, &params![after, rows]).await?,
    };
    found.into_iter().map(read).collect()
}

/// Adds the discount; [`db::Error::Duplicate`] if the code is there, [`db::Error::ForeignKey`] if its merchant
/// is not.
pub async fn insert(tx: &mut Tx, discount: &Discount) -> db::Result<()> {
    const INSERT: &str = "insert into discounts (code, merchant_id, percent, amount, minimum, \
         starts_at, ends_at, max_uses, version, created_at, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let terms = &discount.terms;
    let (percent, amount) = columns(terms.off);
    let params = params![
        discount.code.as_str(),
        discount.merchant.into_bytes(),
        percent,
        amount,
        terms.minimum.amount(),
        terms.starts_at,
        terms.ends_at,
        terms.max_uses,
        discount.version,
        discount.created_at,
        discount.updated_at
    ];
    tx.execute(INSERT, &params).await
}

pub async fn update(tx: &mut Tx, discount: &Discount) -> db::Result<()> {
    const UPDATE: &str = "update discounts set percent = ?, amount = ?, minimum = ?, starts_at = ?, \
         ends_at = ?, max_uses = ?, version = ?, updated_at = ? where code = ?";
    let terms = &discount.terms;
    let (percent, amount) = columns(terms.off);
    let params = params![
        percent,
        amount,
        terms.minimum.amount(),
        terms.starts_at,
        terms.ends_at,
        terms.max_uses,
        discount.version,
        discount.updated_at,
        discount.code.as_str()
    ];
    tx.execute(UPDATE, &params).await
}

pub async fn delete(tx: &mut Tx, code: &Code) -> db::Result<()> {
    const DELETE: &str = "delete from discounts where code = ?";
    tx.execute(DELETE, &params![code.as_str()]).await
}

/// One order more has it. A code that is gone meanwhile counts nothing.
pub async fn count_use(tx: &mut Tx, code: &str) -> db::Result<()> {
    const UPDATE: &str = "update discounts set uses = uses + 1 where code = ?";
    tx.execute(UPDATE, &params![code]).await
}

/// An order that had it has ended unpaid.
pub async fn give_use_back(tx: &mut Tx, code: &str) -> db::Result<()> {
    const UPDATE: &str = "update discounts set uses = uses - 1 where code = ? and uses > 0";
    tx.execute(UPDATE, &params![code]).await
}

fn columns(off: Off) -> (Option<i64>, Option<i64>) {
    match off {
        Off::Percent(percent) => (Some(percent.into()), None),
        Off::Amount(amount) => (None, Some(amount.amount())),
    }
}

fn read(mut row: Row) -> db::Result<Discount> {
    let code = Code::parse(&row.next::<String>()?);
    let code = code.map_err(|_| unreadable("a code that is none"))?;
    let merchant = MerchantId::from_bytes(row.next()?);
    let (percent, amount): (Option<u16>, Option<i64>) = (row.next()?, row.next()?);
    let off = match (percent, amount) {
        (Some(percent), None) => Off::Percent(u8::try_from(percent).map_err(unreadable)?),
        (_, Some(amount)) => Off::Amount(Money::eur(amount)),
        (None, None) => return Err(unreadable("a discount of nothing")),
    };
    let terms = Terms {
        off,
        minimum: Money::eur(row.next()?),
        starts_at: row.next()?,
        ends_at: row.next()?,
        max_uses: row.next()?,
    };
    Ok(Discount {
        code,
        merchant,
        terms,
        uses: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}
