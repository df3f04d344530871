//! The table `invoices`: papers that were issued. They are written once and read; nothing here changes or
//! removes one.

use commerce::{Money, OrderId, Timestamp, UserId};
use db::{Db, Param, Row, Tx, params};
use invoice::Number;

use super::{from_json, to_json, unreadable};
use crate::issued::{Account, Amounts, Entry, Issued, Paper};
use crate::merchant::MerchantId;

pub async fn insert(tx: &mut Tx, issued: &Issued) -> db::Result<()> {
    const INSERT: &str = "insert into invoices (number, kind, merchant_id, order_id, client_id, \
         subject_id, original, issued_at, net, vat, gross, currency, snapshot, amounts, logo_sha256, \
         xml_sha256, pdf_sha256) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let paper = &issued.paper;
    let totals = &paper.snapshot.items.totals;
    let amounts = match &issued.amounts {
        Amounts::Billed(billed) => to_json(billed)?,
        Amounts::Credit(credit) => to_json(credit)?,
    };
    let params = params![
        issued.number.as_str(),
        issued.kind().as_str(),
        paper.merchant.into_bytes(),
        paper.order,
        paper.client,
        issued.subject.into_bytes(),
        issued.original().map(Number::as_str),
        paper.snapshot.issued_at,
        totals.net.amount(),
        totals.vat.amount(),
        totals.gross.amount(),
        totals.gross.currency().code(),
        to_json(&paper.snapshot)?,
        amounts,
        paper.logo,
        paper.xml_sha256,
        paper.pdf_sha256
    ];
    tx.execute(INSERT, &params).await
}

/// What a list says of papers: what [`read_entry`] reads.
macro_rules! select_entries {
    ($rest:literal) => {
        concat!(
            "select id, number, kind, merchant_id, order_id, original, issued_at, net, vat, gross, \
             xml_sha256, pdf_sha256 from invoices ",
            $rest
        )
    };
}

fn read_entry(mut row: Row) -> db::Result<Entry> {
    Ok(Entry {
        id: row.next()?,
        number: read_number(row.next()?)?,
        kind: row.next::<String>()?.parse().map_err(db::Error::Refused)?,
        merchant: MerchantId::from_bytes(row.next()?),
        order: row.next()?,
        original: row.next::<Option<String>>()?.map(read_number).transpose()?,
        issued_at: row.next()?,
        net: Money::eur(row.next()?),
        vat: Money::eur(row.next()?),
        gross: Money::eur(row.next()?),
        xml_sha256: row.next()?,
        pdf_sha256: row.next()?,
    })
}

fn read_number(text: String) -> db::Result<Number> {
    Number::new(text).map_err(unreadable)
}

/// Whose papers are listed.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Client(UserId),
    Merchant(MerchantId),
    Everybody,
}

/// Which papers are listed: issued from an instant, before another.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// The sort key of a paper in a list.
pub type Key = (i64, u64);

/// Papers from the newest, past the one that `before` names.
pub async fn list(
    db: &Db,
    whose: Whose,
    span: Span,
    before: Option<Key>,
    rows: i64,
) -> db::Result<Vec<Entry>> {
    const OF_CLIENT: &str = select_entries!(
        "where client_id = ? and issued_at >= ? and issued_at < ? and (issued_at, id) < (?, ?) \
         and issued_at <= ? order by issued_at desc, id desc limit ?"
    );
    const OF_MERCHANT: &str = select_entries!(
        "where merchant_id = ? and issued_at >= ? and issued_at < ? and (issued_at, id) < (?, ?) \
         and issued_at <= ? order by issued_at desc, id desc limit ?"
    );
    const OF_EVERYBODY: &str = select_entries!(
        "where issued_at >= ? and issued_at < ? and (issued_at, id) < (?, ?) and issued_at <= ? \
         order by issued_at desc, id desc limit ?"
    );
    let (at, id) = before.unwrap_or((i64::MAX, u64::MAX));
    let (sql, mut params): (&str, Vec<Param>) = match whose {
        Whose::Client(client) => (OF_CLIENT, params![client].into()),
        Whose::Merchant(merchant) => (OF_MERCHANT, params![merchant.into_bytes()].into()),
        Whose::Everybody => (OF_EVERYBODY, Vec::new()),
    };
    // The last bound says again what the key says, in the form that an index knows.
    params.extend(params![span.from, span.to, at, id, at, rows]);
    let found = db.query(sql, &params).await?;
    found.into_iter().map(read_entry).collect()
}

/// The same of one order, which has few.
pub async fn list_in_order(
    db: &Db,
    order: OrderId,
    whose: Whose,
    span: Span,
    before: Option<Key>,
    rows: i64,
) -> db::Result<Vec<Entry>> {
    const SELECT: &str = select_entries!(
        "where order_id = ? and (? is null or client_id = ?) and (? is null or merchant_id = ?) \
         and issued_at >= ? and issued_at < ? and (issued_at, id) < (?, ?) \
         order by issued_at desc, id desc limit ?"
    );
    let (client, merchant) = match whose {
        Whose::Client(client) => (Some(client), None),
        Whose::Merchant(merchant) => (None, Some(merchant.into_bytes())),
        Whose::Everybody => (None, None),
    };
    let (at, id) = before.unwrap_or((i64::MAX, u64::MAX));
    let params = params![
        order, client, client, merchant, merchant, span.from, span.to, at, id, rows
    ];
    let found = db.query(SELECT, &params).await?;
    found.into_iter().map(read_entry).collect()
}

/// The papers of an order, from the oldest.
pub async fn list_of_order(db: &Db, order: OrderId) -> db::Result<Vec<Entry>> {
    const SELECT: &str = select_entries!("where order_id = ? order by id");
    let found = db.query(SELECT, &params![order]).await?;
    found.into_iter().map(read_entry).collect()
}

/// A `select` of whole papers: what [`read_paper`] reads, after `$first`.
macro_rules! select_papers {
    ($first:literal, $rest:literal) => {
        concat!(
            "select ",
            $first,
            " merchant_id, order_id, client_id, snapshot, logo_sha256, xml_sha256, pdf_sha256 \
             from invoices ",
            $rest
        )
    };
}

fn read_paper(mut row: Row) -> db::Result<Paper> {
    Ok(Paper {
        merchant: MerchantId::from_bytes(row.next()?),
        order: row.next()?,
        client: row.next()?,
        snapshot: from_json(&row.next::<String>()?)?,
        logo: row.next()?,
        xml_sha256: row.next()?,
        pdf_sha256: row.next()?,
    })
}

/// A paper by its number.
pub async fn find(db: &Db, number: &Number) -> db::Result<Option<Paper>> {
    const SELECT: &str = select_papers!("", "where number = ?");
    let row = db.query_one(SELECT, &params![number.as_str()]).await?;
    row.map(read_paper).transpose()
}

/// Papers of one merchant, or of all, issued in a span: from the oldest, past the one that `after` names.
pub async fn export(
    db: &Db,
    merchant: Option<MerchantId>,
    span: Span,
    after: Option<Key>,
    rows: i64,
) -> db::Result<Vec<(Key, Paper)>> {
    const OF_MERCHANT: &str = select_papers!(
        "issued_at, id,",
        "where merchant_id = ? and issued_at >= ? and issued_at < ? and (issued_at, id) > (?, ?) \
         order by issued_at, id limit ?"
    );
    const OF_EVERYBODY: &str = select_papers!(
        "issued_at, id,",
        "where issued_at >= ? and issued_at < ? and (issued_at, id) > (?, ?) \
         order by issued_at, id limit ?"
    );
    let (at, id) = after.unwrap_or((i64::MIN, 0));
    let from = span.from.max(Timestamp::from_unix_ms(at));
    let (sql, mut params): (&str, Vec<Param>) = match merchant {
        Some(merchant) => (OF_MERCHANT, params![merchant.into_bytes()].into()),
        None => (OF_EVERYBODY, Vec::new()),
    };
    params.extend(params![from, span.to, at, id, rows]);
    let found = db.query(sql, &params).await?;
    let read = |mut row: Row| Ok(((row.next()?, row.next()?), read_paper(row)?));
    found.into_iter().map(read).collect()
}

/// What an order was billed and what was credited of it. Whoever issues a credit note has locked the order.
pub async fn accounts(tx: &mut Tx, order: OrderId) -> db::Result<Vec<Account>> {
    const SELECT: &str = select_papers!("original, amounts,", "where order_id = ? order by id");
    let mut accounts: Vec<Account> = Vec::new();
    for mut row in tx.query(SELECT, &params![order]).await? {
        let original: Option<String> = row.next()?;
        let amounts: String = row.next()?;
        let Some(original) = original else {
            accounts.push(Account {
                billed: from_json(&amounts)?,
                invoice: read_paper(row)?,
                credits: Vec::new(),
            });
            continue;
        };
        let account = accounts
            .iter_mut()
            .find(|account| account.number() == Some(original.as_str()))
            .ok_or_else(|| unreadable("a credit note without its invoice"))?;
        account.credits.push(from_json(&amounts)?);
    }
    Ok(accounts)
}
