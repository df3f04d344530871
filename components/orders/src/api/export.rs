//! All papers of a month in one file.

use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use commerce::{BoundedText, Text};
use db::Db;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use invoice::Day;
use serde::Deserialize;
use service::openapi::Refusals;
use service::table::{Style, StyleQuery};
use service::{Invalid, Problem, Query, Role, Seller};

use crate::archive;
use crate::merchant::MerchantId;
use crate::store::invoices::Span;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The month, in Paris: `2026-11`.
    #[param(value_type = String, min_length = 7, max_length = 7, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-11")]
    month: BoundedText<64>,
}

/// The papers of a month as a ZIP archive, each as PDF and XML, with a table of them (`index.csv`, in which
/// credit notes are negative): all of
/// them for an admin, those in their own name for a seller. It is made while it is sent.
#[utoipa::path(get, path = "/api/invoices/export.zip", tag = "invoices", security(("bearer" = [])),
    params(Wanted, StyleQuery),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>), Refusals))]
pub async fn month(
    Seller(caller): Seller,
    style: Style,
    Query(Wanted { month }): Query<Wanted>,
    State(db): State<Db>,
) -> Result<impl IntoResponse, Problem> {
    let mut invalid = Invalid::new();
    let span = invalid.check_parameter("month", parse_month(&month));
    invalid.finish()?;
    let Some(span) = span else {
        return Err(Problem::unprocessable());
    };
    let merchant = match caller.role {
        Role::Admin => None,
        _ => Some(MerchantId::Seller(caller.user)),
    };
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"invoices_{month}.zip\""),
        ),
        (VARY, "accept-language, authorization".to_owned()),
    ];
    let archive = archive::of_papers(db, merchant, span, style);
    Ok((headers, Body::from_stream(archive)))
}

fn parse_month(text: &str) -> Result<Span, Text> {
    let no_month = || Text::new("Un mois, comme 2026-11", "A month, such as 2026-11");
    let first: Day = format!("{text}-01").parse().map_err(|_| no_month())?;
    // A day of the next month, and from there its first one.
    let later = first.plus_days(31).to_string();
    let (month, _) = later.rsplit_once('-').ok_or_else(no_month)?;
    let next: Day = format!("{month}-01").parse().map_err(|_| no_month())?;
    Ok(Span {
        from: first.begins_at(),
        to: next.begins_at(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_goes_from_its_first_day_to_the_first_of_the_next() {
        for (month, from, to) in [
            ("2026-11", "2026-11-01", "2026-12-01"),
            ("2026-12", "2026-12-01", "2027-01-01"),
            ("2028-02", "2028-02-01", "2028-03-01"),
        ] {
            let span = parse_month(month).unwrap();
            let day = |text: &str| text.parse::<Day>().unwrap().begins_at();
            assert_eq!((span.from, span.to), (day(from), day(to)), "{month}");
        }
        for wrong in ["", "2026", "2026-13", "2026-1", "2026-11-01"] {
            assert!(parse_month(wrong).is_err(), "{wrong}");
        }
    }
}
