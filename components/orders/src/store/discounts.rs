//! The tables `discounts`, the codes that merchants have given out, and `discount_uses`, the orders that use one:
//! each until it ends unpaid, is cancelled or has all of its money back.

use std::collections::{BTreeSet, HashMap};

use commerce::{MerchantId, Money, OrderId, Timestamp, UserId};
use db::{Db, Param, Row, ToParam, Tx, params};
use serde_json::json;

use super::unreadable;
use crate::discount::{Code, Discount, Off, Offers, OwnUses, Terms};
use crate::order::Order;

/// A `select` of whole discounts: what [`read`] reads.
macro_rules! select_discounts {
    ($rest:literal) => {
        concat!(
            "select d.code, d.merchant_id, d.percent, d.amount, d.minimum, d.starts_at, d.ends_at, d.max_uses, \
             d.once_per_customer, d.uses, d.version, d.created_at, d.updated_at from ",
            $rest
        )
    };
}

/// What a merchant has given out under a code.
pub async fn find(db: &Db, merchant: MerchantId, code: &Code) -> db::Result<Option<Discount>> {
    const SELECT: &str =
        select_discounts!("discounts d where d.merchant_id = ? and d.code = ? and not d.removed");
    let params = params![merchant.into_bytes(), code.as_str()];
    let row = db.query_one(SELECT, &params).await?;
    row.map(read).transpose()
}

/// The same, locked until the transaction ends; and whether the code is given out now, or was once.
pub async fn lock(
    tx: &mut Tx,
    merchant: MerchantId,
    code: &Code,
) -> db::Result<Option<(Discount, bool)>> {
    const SELECT: &str =
        select_discounts!("discounts d where d.merchant_id = ? and d.code = ? for update");
    const SELECT_REMOVED: &str = "select removed from discounts where merchant_id = ? and code = ?";
    let params = params![merchant.into_bytes(), code.as_str()];
    let Some(row) = tx.lock_one(SELECT, &params).await? else {
        return Ok(None);
    };
    let removed = tx.query_one(SELECT_REMOVED, &params).await?;
    let removed = removed.map_or(Ok(false), |mut row| row.next())?;
    Ok(Some((read(row)?, !removed)))
}

/// What these merchants have given out under a code, and how often the customer has used it. Nothing is locked:
/// it may be used up by the time of an order.
pub async fn offers(
    db: &Db,
    code: &Code,
    merchants: &BTreeSet<MerchantId>,
    customer: UserId,
    now: Timestamp,
) -> db::Result<Offers> {
    let params = params![hex_list(merchants), code.as_str()];
    let found = db.query(SELECT_OFFERS, &params).await?;
    let own = db
        .query(SELECT_OWN, &own_params(code, customer, now))
        .await?;
    join(found, own)
}

/// The same, locked until the transaction ends, merchants in the order of their ids: whoever uses one of them
/// counts it.
pub async fn lock_offers(
    tx: &mut Tx,
    code: &Code,
    merchants: &BTreeSet<MerchantId>,
    customer: UserId,
    now: Timestamp,
) -> db::Result<Offers> {
    const SELECT: &str = select_discounts!("discounts d where d.merchant_id in");
    let sql = format!(
        "{SELECT} ({}) and d.code = ? and not d.removed order by d.merchant_id for update",
        db::placeholders(merchants.len())
    );
    let ids = merchants.iter().map(|id| id.into_bytes().to_param());
    let params: Vec<Param> = ids.chain(params![code.as_str()]).collect();
    let found = tx.lock(&sql, &params).await?;
    let own = tx
        .query(SELECT_OWN, &own_params(code, customer, now))
        .await?;
    join(found, own)
}

const SELECT_OFFERS: &str = select_discounts!(
    "json_table(?, '$[*]' columns (id char(32) path '$')) w straight_join discounts d \
     on d.merchant_id = unhex(w.id) and d.code = ? and not d.removed"
);
const SELECT_OWN: &str = "select u.merchant_id, count(*), cast(coalesce(sum(\
     o.status = 'awaiting_payment' and o.expires_at > ?), 0) as signed) \
     from discount_uses u left join orders o on o.id = u.order_id \
     where u.code = ? and u.customer_id = ? group by u.merchant_id";

fn own_params(code: &Code, customer: UserId, now: Timestamp) -> [Param; 3] {
    params![now, code.as_str(), customer]
}

fn hex_list(merchants: &BTreeSet<MerchantId>) -> String {
    let hex = |id: &MerchantId| format!("{:032x}", u128::from_be_bytes(id.into_bytes()));
    serde_json::Value::from_iter(merchants.iter().map(hex)).to_string()
}

fn join(found: Vec<Row>, own: Vec<Row>) -> db::Result<Offers> {
    let own = own
        .into_iter()
        .map(|mut row| {
            let merchant = MerchantId::from_bytes(row.next()?);
            let (all, unpaid) = (row.next()?, row.next()?);
            Ok((merchant, OwnUses { all, unpaid }))
        })
        .collect::<db::Result<HashMap<_, _>>>()?;
    let offers = found.into_iter().map(|row| {
        let discount = read(row)?;
        let merchant = discount.merchant;
        let own = own.get(&merchant).copied().unwrap_or_default();
        Ok((merchant, (discount, own)))
    });
    Ok(Offers(offers.collect::<db::Result<_>>()?))
}

/// The sort key of a code in a list.
pub type Key = (Code, MerchantId);

/// Those of one merchant, or all, by code and merchant, past one.
pub async fn list(
    db: &Db,
    merchant: Option<MerchantId>,
    after: Option<&Key>,
    rows: i64,
) -> db::Result<Vec<Discount>> {
    const OF_MERCHANT: &str = select_discounts!(
        "discounts d where d.merchant_id = ? and d.code > ? and not d.removed \
         order by d.code limit ?"
    );
    const OF_EVERYBODY: &str = select_discounts!(
        "discounts d where (d.code > ? or (d.code = ? and d.merchant_id > ?)) and d.code >= ? \
         and not d.removed order by d.code, d.merchant_id limit ?"
    );
    let code = after.map_or("", |(code, _)| code.as_str());
    let found = match merchant {
        Some(merchant) => {
            let params = params![merchant.into_bytes(), code, rows];
            db.query(OF_MERCHANT, &params).await?
        }
        None => {
            let before = after.map_or([0; 16], |(_, merchant)| merchant.into_bytes());
            // The last bound says again what the first two say, in the form that an index knows.
            let params = params![code, code, before, code, rows];
            db.query(OF_EVERYBODY, &params).await?
        }
    };
    found.into_iter().map(read).collect()
}

/// Adds the discount of a merchant that was locked; [`db::Error::Duplicate`] if the code is there.
pub async fn insert(tx: &mut Tx, discount: &Discount) -> db::Result<()> {
    const INSERT: &str = "insert into discounts (code, merchant_id, percent, amount, minimum, \
         starts_at, ends_at, max_uses, once_per_customer, version, created_at, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
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
        terms.once_per_customer,
        discount.version,
        discount.created_at,
        discount.updated_at
    ];
    tx.execute(INSERT, &params).await
}

/// Writes what can change of a discount that was locked; one that was taken back is given out again.
pub async fn update(tx: &mut Tx, discount: &Discount) -> db::Result<()> {
    const UPDATE: &str = "update discounts set percent = ?, amount = ?, minimum = ?, starts_at = ?, \
         ends_at = ?, max_uses = ?, once_per_customer = ?, version = ?, updated_at = ?, \
         removed = false where merchant_id = ? and code = ?";
    let terms = &discount.terms;
    let (percent, amount) = columns(terms.off);
    let params = params![
        percent,
        amount,
        terms.minimum.amount(),
        terms.starts_at,
        terms.ends_at,
        terms.max_uses,
        terms.once_per_customer,
        discount.version,
        discount.updated_at,
        discount.merchant.into_bytes(),
        discount.code.as_str()
    ];
    tx.execute(UPDATE, &params).await
}

/// Takes a code back. Its row stays where it was used, so that its uses count if it is given out again.
pub async fn remove(tx: &mut Tx, discount: &Discount) -> db::Result<()> {
    const UPDATE: &str = "update discounts set removed = true, version = version + 1 \
         where merchant_id = ? and code = ?";
    let params = params![discount.merchant.into_bytes(), discount.code.as_str()];
    tx.execute(UPDATE, &params).await
}

/// Forgets codes of a merchant that were taken back before any order had them.
pub async fn forget_unused(tx: &mut Tx, merchant: MerchantId) -> db::Result<()> {
    const DELETE: &str = "delete from discounts where merchant_id = ? and removed and uses = 0";
    tx.execute(DELETE, &params![merchant.into_bytes()]).await
}

/// Counts the order as a use of each code that it has, once.
pub async fn count_uses(tx: &mut Tx, order: &Order) -> db::Result<()> {
    const INSERT: &str = "insert into discount_uses (order_id, merchant_id, code, customer_id) \
         select ?, unhex(u.merchant), u.code, ? from json_table(?, '$[*]' columns (\
         merchant char(32) path '$.merchant', code varchar(30) path '$.code')) u";
    const UPDATE: &str = "update discount_uses u \
         straight_join discounts d on d.merchant_id = u.merchant_id and d.code = u.code \
         set d.uses = d.uses + 1 where u.order_id = ?";
    let used = order.used_codes().into_iter().map(|(merchant, code)| {
        let merchant = format!("{:032x}", u128::from_be_bytes(merchant.into_bytes()));
        json!({ "merchant": merchant, "code": code })
    });
    let used = serde_json::Value::from_iter(used).to_string();
    let params = params![order.id, order.client_id, used];
    tx.execute(INSERT, &params).await?;
    tx.execute(UPDATE, &params![order.id]).await
}

/// These orders use no code any more. The codes are locked as [`lock_offers`] locks them.
pub async fn give_uses_back(tx: &mut Tx, orders: &[OrderId]) -> db::Result<()> {
    if orders.is_empty() {
        return Ok(());
    }
    let ids = db::placeholders(orders.len());
    let update = format!(
        "update (select merchant_id, code, count(*) uses from discount_uses where order_id in ({ids}) \
         group by merchant_id, code order by merchant_id, code) u \
         straight_join discounts d force index (primary) on d.merchant_id = u.merchant_id and d.code = u.code \
         set d.uses = if(d.uses > u.uses, d.uses - u.uses, 0)"
    );
    let delete = format!("delete from discount_uses where order_id in ({ids})");
    let params: Vec<Param> = orders.iter().map(ToParam::to_param).collect();
    tx.execute(&update, &params).await?;
    tx.execute(&delete, &params).await
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
        once_per_customer: row.next()?,
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
