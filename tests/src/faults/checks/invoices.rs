//! Papers: numbers without gaps, in the order of their dates; each order that was paid is invoiced once and
//! for its total, and its credit notes are what went back.

use super::Evidence;
use crate::faults::report::Rule;

pub async fn check(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const ISSUED: &str = "select count(*) from {orders}.invoices";
    let issued = evidence.books.number(ISSUED).await?;
    evidence
        .report
        .add("invoices and credit notes", issued.unsigned_abs());
    numbers(evidence).await?;
    amounts(evidence).await
}

async fn numbers(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    // The papers of a series by their numbers, each with its place and the instant of the one before.
    const SELECT: &str = "select concat(number, ' is the ', place, 'th of its series, issued at ', \
         issued_at, ', after one of ', before_it) from (select number, issued_at, \
         cast(substring(number, length(s.prefix) + 1) as unsigned) counted, \
         row_number() over (partition by s.prefix order by number) place, \
         coalesce(lag(issued_at) over (partition by s.prefix order by number), 0) before_it \
         from {orders}.invoices join {orders}.invoice_series s \
         on number like concat(s.prefix, '%')) papers \
         where counted <> place or issued_at < before_it";
    for how in evidence.books.rows::<String>(SELECT).await? {
        evidence.report.broken(Rule::NumbersWithoutGaps, how);
    }
    Ok(())
}

async fn amounts(evidence: &mut Evidence<'_>) -> anyhow::Result<()> {
    const SELECT: &str = "select concat('order ', lower(hex(o.id)), ', ', o.gross, ' cents of which ', \
         o.refunded, ' went back, has ', count(i.id), ' papers: ', \
         coalesce(sum(if(i.kind = 'invoice', i.gross, 0)), 0), ' cents invoiced and ', \
         coalesce(sum(if(i.kind = 'credit_note', i.gross, 0)), 0), ' credited') \
         from {orders}.orders o left join {orders}.invoices i on i.order_id = o.id \
         group by o.id, o.gross, o.refunded, o.paid_at \
         having coalesce(sum(i.kind = 'invoice'), 0) <> (o.paid_at is not null) \
         or coalesce(sum(if(i.kind = 'invoice', i.gross, 0)), 0) \
             <> if(o.paid_at is null, 0, o.gross) \
         or coalesce(sum(if(i.kind = 'credit_note', i.gross, 0)), 0) <> o.refunded";
    for how in evidence.books.rows::<String>(SELECT).await? {
        evidence.report.broken(Rule::PapersAreMoney, how);
    }
    Ok(())
}
