//! The words of an invoice, a credit note or a pro forma.

use commerce::{Language, Money};
use rust_decimal::Decimal;

use super::{Brand, Fact, Paper, Party, Payment, Rates, Row, Sum, Table, Weight, legal};
use crate::cii::price;
use crate::invoice::{Invoice, Kind, Means, Payment as State, Vat};
use crate::items::{Adjustment, Line};
use crate::wording::{self, Wording};
use crate::xml::sayable;

impl Paper {
    /// What the pages of an invoice say.
    pub fn of_invoice(invoice: &Invoice) -> Self {
        let language = invoice.language;
        let wording = wording::of(language);
        let seller = &invoice.seller;
        let (title, subtitle) = heading(invoice, &wording);
        let running = format!("{title} {} ({})", lower_first(&subtitle), wording.continued);
        Self {
            language,
            at: invoice.issued_at,
            file_title: match invoice.number() {
                Some(number) => format!("{title} {number}"),
                None => format!("{title} {}", invoice.order.number),
            },
            title,
            subtitle,
            running,
            notice: notice(invoice, &wording),
            reason: reason(invoice),
            brand: Brand {
                name: seller
                    .trade_name
                    .as_ref()
                    .unwrap_or(&seller.address.name)
                    .clone(),
                lines: brand_lines(invoice),
            },
            facts: facts(invoice, &wording),
            parties: parties(invoice, &wording),
            table: table(invoice, &wording),
            rates: rates(invoice, &wording),
            sums: sums(invoice, &wording),
            payment: payment(invoice, &wording),
            mentions: legal::mentions(invoice),
            foot: legal::identity(seller, language),
        }
    }
}

fn heading(invoice: &Invoice, wording: &Wording) -> (String, String) {
    let (title, number) = match &invoice.kind {
        Kind::Invoice { number } => (wording.invoice, number.as_str()),
        Kind::CreditNote { number, .. } => (wording.credit_note, number.as_str()),
        Kind::ProForma => {
            let subtitle = format!("{}\u{a0}{}", wording.order_number, invoice.order.number);
            return (String::from(wording.pro_forma), subtitle);
        }
    };
    (
        String::from(title),
        format!("{}\u{a0}{number}", wording.number),
    )
}

fn notice(invoice: &Invoice, wording: &Wording) -> Option<String> {
    match &invoice.kind {
        Kind::Invoice { .. } => None,
        Kind::CreditNote { of, .. } => {
            let day = of.issued_on.format(invoice.language);
            Some(format!(
                "{} {} {} {day}.",
                wording.corrects, of.number, wording.dated
            ))
        }
        Kind::ProForma => Some(String::from(wording.no_invoice)),
    }
}

/// Why money goes back, as pages and XML say it.
pub fn reason(invoice: &Invoice) -> Option<String> {
    let Kind::CreditNote { reason, .. } = &invoice.kind else {
        return None;
    };
    let reason = reason.as_deref().map(str::trim);
    let reason = reason.filter(|reason| !reason.is_empty())?;
    let because = wording::of(invoice.language).because;
    Some(format!("{because} {reason}"))
}

fn brand_lines(invoice: &Invoice) -> Vec<String> {
    let seller = &invoice.seller;
    let mut lines = legal::party("", &seller.address, invoice.language).lines;
    // Above its address, a shop goes by the name over its door: the legal one follows.
    if seller.trade_name.is_some() {
        lines.insert(0, seller.address.name.clone());
    }
    lines.push(seller.email.clone());
    lines
}

fn facts(invoice: &Invoice, wording: &Wording) -> Vec<Fact> {
    let day = |day: crate::civil::Day| day.format(invoice.language);
    let fact = |label, value| Fact {
        label,
        value,
        detail: None,
    };
    let mut facts = vec![fact(wording.issued_on, day(invoice.issued_on()))];
    if let Some(on) = invoice
        .supplied_on
        .filter(|_| invoice.kind != Kind::ProForma)
    {
        facts.push(fact(wording.supplied_on, day(on)));
    }
    let label = match (&invoice.payment, &invoice.kind) {
        (State::Paid { means, .. }, Kind::CreditNote { .. }) => match means {
            Means::SetOff => wording.set_off_on,
            Means::Card | Means::Transfer { .. } | Means::Other => wording.refunded_on,
        },
        (State::Paid { .. }, _) => wording.paid_on,
        (State::Due { .. } | State::AfterDelivery { .. }, _) => wording.due_on,
    };
    let on = invoice.payment.day();
    facts.extend(on.map(|on| fact(label, day(on))));
    facts.push(Fact {
        label: wording.order,
        value: invoice.order.number.clone(),
        detail: Some(day(invoice.order.placed_on)),
    });
    let company = invoice.buyer.company.as_ref();
    if let Some(theirs) = company.and_then(|company| company.purchase_order.as_ref()) {
        facts.push(fact(wording.purchase_order, theirs.clone()));
    }
    facts
}

fn parties(invoice: &Invoice, wording: &Wording) -> Vec<Party> {
    let delivery = invoice.delivery.as_ref().unwrap_or(&invoice.buyer.address);
    vec![
        legal::buyer(invoice, wording.billed_to),
        legal::party(wording.shipped_to, delivery, invoice.language),
    ]
}

fn table(invoice: &Invoice, wording: &Wording) -> Table {
    let has_vat = invoice.vat != Vat::Franchise;
    let unit = if has_vat {
        wording.unit_net
    } else {
        wording.unit
    };
    let mut columns = vec![(wording.quantity, 30_000), (unit, 62_000)];
    if has_vat {
        columns.extend([
            (wording.vat, 34_000),
            (wording.net, 66_000),
            (wording.gross, 66_000),
        ]);
    } else {
        columns.push((wording.amount, 76_000));
    }
    let rows = invoice.items.lines.iter().map(|line| {
        let language = invoice.language;
        let unit = unit_price(line, language);
        let mut figures = vec![line.quantity.to_string(), unit];
        let mut amounts = vec![line.net];
        if has_vat {
            figures.push(line.vat_rate.format(language));
            amounts.push(line.gross);
        }
        figures.extend(amounts.iter().map(|amount| written(*amount, language)));
        let reference = line.reference.as_ref();
        Row {
            name: sayable(&line.name),
            detail: reference.map(|it| format!("{}\u{a0}{it}", wording.reference)),
            figures,
            amounts,
        }
    });
    Table {
        label: wording.item,
        columns,
        rows: rows.collect(),
        carried: [wording.carried_forward, wording.brought_forward],
    }
}

/// What one costs without VAT: with four decimals where it has more than cents, and no price more than its own
/// needs; the XML has six.
fn unit_price(line: &Line, language: Language) -> String {
    let away = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let mut price: Decimal = price(line).round_dp_with_strategy(4, away);
    let decimals = if price.normalize().scale() > 2 { 4 } else { 2 };
    price.rescale(decimals);
    let text = price.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    // The grouping of a whole amount, without its cents.
    let whole = whole
        .parse()
        .ok()
        .and_then(|euros: i64| euros.checked_mul(100));
    let whole = Money::eur(whole.unwrap_or_default()).format(language);
    match language {
        Language::French => whole.replace(",00\u{a0}€", &format!(",{fraction}\u{a0}€")),
        Language::English => whole.replace(".00", &format!(".{fraction}")),
    }
}

fn rates(invoice: &Invoice, wording: &Wording) -> Rates {
    let language = invoice.language;
    let rows = invoice.items.totals.by_rate.iter().map(|group| {
        let amounts = [group.net, group.vat, group.gross].map(|it| written(it, language));
        let [net, vat, gross] = amounts;
        [group.rate.format(language), net, vat, gross]
    });
    Rates {
        head: [
            wording.vat_rate,
            wording.net_base,
            wording.vat,
            wording.gross,
        ],
        rows: match invoice.vat {
            Vat::Franchise => Vec::new(),
            Vat::Normal | Vat::OnDebits => rows.collect(),
        },
        note: legal::exemption(invoice),
    }
}

fn sums(invoice: &Invoice, wording: &Wording) -> Vec<Sum> {
    let items = &invoice.items;
    let totals = &items.totals;
    let language = invoice.language;
    let sum = |label: &str, amount: Money, weight| Sum {
        label: String::from(label),
        amount: written(amount, language),
        weight,
    };
    let mut sums = Vec::new();
    if !(items.allowances.is_empty() && items.charges.is_empty()) {
        // No overflow: the parts add up to the totals, which fit.
        let net = items.lines.iter().map(|line| line.net.amount());
        let net = Money::eur(net.fold(0, i64::saturating_add));
        let label = match invoice.vat {
            Vat::Franchise => wording.lines_total,
            Vat::Normal | Vat::OnDebits => wording.lines_net,
        };
        sums.push(sum(label, net, Weight::Light));
        for (adjustments, sign) in [(&items.allowances, -1), (&items.charges, 1)] {
            for (reason, net) in by_reason(adjustments) {
                let amount = Money::eur(net.saturating_mul(sign));
                sums.push(sum(reason, amount, Weight::Light));
            }
        }
    }
    let total = match (invoice.vat, &invoice.kind) {
        (Vat::Franchise, Kind::CreditNote { .. }) => wording.credited,
        (Vat::Franchise, _) => wording.total,
        (_, Kind::CreditNote { .. }) => wording.credited_gross,
        (_, _) => wording.total_gross,
    };
    if invoice.vat != Vat::Franchise {
        sums.push(sum(wording.total_net, totals.net, Weight::Strong));
        sums.push(sum(wording.total_vat, totals.vat, Weight::Light));
    }
    sums.push(sum(total, totals.gross, Weight::Grand));
    if invoice.kind != Kind::ProForma {
        let due = invoice.due();
        let paid = Money::eur(totals.gross.amount().saturating_sub(due.amount()));
        let (settled, left) = match (&invoice.kind, invoice.payment.means()) {
            (Kind::CreditNote { .. }, Means::SetOff) => (wording.set_off, wording.left_to_refund),
            (Kind::CreditNote { .. }, _) => (wording.refunded, wording.left_to_refund),
            _ => (wording.paid, wording.left_to_pay),
        };
        sums.push(sum(settled, paid, Weight::Light));
        sums.push(sum(left, due, Weight::Strong));
    }
    sums
}

/// An amount with a minus sign and not the hyphen of programs.
fn written(amount: Money, language: Language) -> String {
    amount.format(language).replace('-', "\u{2212}")
}

/// One discount over several rates is one line on the page.
fn by_reason(adjustments: &[Adjustment]) -> Vec<(&str, i64)> {
    let mut sums: Vec<(&str, i64)> = Vec::new();
    for adjustment in adjustments {
        let net = adjustment.net.amount();
        match sums
            .iter_mut()
            .find(|(reason, _)| *reason == adjustment.reason)
        {
            Some((_, sum)) => *sum = sum.saturating_add(net),
            None => sums.push((&adjustment.reason, net)),
        }
    }
    sums
}

fn payment(invoice: &Invoice, wording: &Wording) -> Payment {
    let is_credit = matches!(invoice.kind, Kind::CreditNote { .. });
    let means = invoice.payment.means();
    let is_settled = matches!(invoice.payment, State::Paid { .. });
    let verb = match (is_credit, is_settled) {
        (false, true) => wording.state_paid,
        (false, false) => wording.state_due,
        (true, true) if *means == Means::SetOff => wording.state_set_off,
        (true, true) => wording.state_refunded,
        (true, false) => wording.state_to_refund,
    };
    let by = match means {
        Means::Card => wording.by_card,
        Means::Transfer { .. } => wording.by_transfer,
        Means::SetOff | Means::Other => "",
    };
    let state = match &invoice.payment {
        State::Paid { on, .. } | State::Due { on, .. } => {
            format!("{verb} {}{by}", on.format(invoice.language))
        }
        State::AfterDelivery { days, .. } => {
            let term = wording::after_delivery(*days, invoice.language);
            match by {
                "" => term,
                by => format!("{term},{by}"),
            }
        }
    };
    let detail = match means {
        Means::Transfer { iban } if !is_settled && !is_credit => {
            Some(format!("IBAN {}", in_fours(iban)))
        }
        _ => None,
    };
    Payment {
        state,
        detail,
        is_settled,
    }
}

/// An account number as people read it; a line does not break inside.
fn in_fours(iban: &str) -> String {
    let mut spaced = String::with_capacity(iban.len() * 2);
    let characters = iban.chars().filter(|character| !character.is_whitespace());
    for (position, character) in characters.enumerate() {
        if position > 0 && position.is_multiple_of(4) {
            spaced.push('\u{a0}');
        }
        spaced.push(character);
    }
    spaced
}

/// `N° 5` in the middle of a line is `n° 5`.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
