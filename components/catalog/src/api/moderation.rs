//! What is done about a review that should not be there: anybody who is signed in reports it, and an admin hides it
//! and tells its author why (Regulation (EU) 2022/2065, art. 16 and 17), or shows it again.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{BoundedText, ItemId, ReportId, ReviewId, Text};
use db::{Db, Tx};
use http::StatusCode;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Caller, Context, Deed, IfMatch, Invalid, Json, JsonBody, List, Page, Path,
    Problem, Query, Resource, clock,
};
use utoipa::ToSchema;

use super::items::find_visible;
use super::reviews::{count, is_shown, path, resource, stars};
use crate::review::{Decision, Explanation, Ground, Hidden, Notice, Review, ReviewReport};
use crate::store::shelf::Shelf;
use crate::store::{reports, reviews};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportReview {
    /// What is wrong with it.
    #[schema(value_type = String, min_length = 1, max_length = 1000, pattern = r"\S")]
    reason: BoundedText<1000>,
}

/// Report a review to the shop, once. An admin decides.
#[utoipa::path(post, path = "/api/items/{id}/reviews/{review_id}/report", tag = "catalog",
    security(("bearer" = [])), request_body = ReportReview,
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path)),
    responses((status = 202, body = ReviewReport),
        (status = 409, description = "`already-reported`: one report a person and review"),
        Refusals))]
pub async fn report(
    caller: Caller,
    author: Author,
    Path((id, review_id)): Path<(ItemId, ReviewId)>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<ReportReview>,
) -> Result<Response, Problem> {
    let mut invalid = Invalid::new();
    let reason = invalid.check("/reason", Notice::parse(&body.value.reason));
    let reason = reason.ok_or_else(|| Problem::from(invalid))?;
    find_visible(&context, &shelf, Some(caller), id).await?;
    let found = reviews::find(&db, id, review_id).await?;
    let shown = found.filter(|review| is_shown(review, Some(caller)));
    let review = shown.ok_or_else(Problem::not_found)?;
    let report = ReviewReport {
        id: ReportId::from_uuid(service::fresh_uuid()),
        review_id,
        item_id: id,
        reporter_id: caller.user,
        reason: reason.as_str().to_owned(),
        decision: None,
        created_at: clock::now(),
        decided_at: None,
    };
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            reports::insert(&mut tx, &report)
                .await
                .map_err(refuse_report)?;
            let path = path(&review);
            let deed = Deed::created("review.reported", &path, &report);
            Ok::<_, Problem>(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Json(report)).into_response())
}

fn refuse_report(error: db::Error) -> Problem {
    match error {
        error if error.is_duplicate_of("review_reports_once") => Problem::conflict(
            "already-reported",
            Text::new(
                "Vous avez déjà signalé cet avis",
                "You have reported this review already",
            ),
        ),
        // Somebody removes the review at this moment.
        db::Error::ForeignKey => Problem::not_found(),
        error => error.into(),
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only those that nobody has decided on.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    open: bool,
}

/// List what was reported of reviews, from the oldest.
#[utoipa::path(get, path = "/api/reviews/reports", tag = "catalog", security(("bearer" = [])),
    params(PageQuery, Wanted), responses((status = 200, body = ListBody<ReviewReport>), Refusals))]
pub async fn list(
    _: Admin,
    page: Page<ReportId>,
    Query(wanted): Query<Wanted>,
    State(db): State<Db>,
) -> Result<List<ReviewReport>, Problem> {
    let found = reports::list(&db, wanted.open, page.after, page.rows()).await?;
    Ok(page.list(found, |report| report.id))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HideReview {
    ground: Ground,
    /// The facts behind the decision. The author of the review reads them.
    #[schema(value_type = String, min_length = 1, max_length = 500, pattern = r"\S")]
    reason: BoundedText<500>,
}

/// Hide a review. Its author still sees it, with the reason; the average follows.
#[utoipa::path(post, path = "/api/items/{id}/reviews/{review_id}/hide", tag = "catalog",
    security(("bearer" = [])), request_body = HideReview,
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Review), Refusals))]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub async fn hide(
    _: Admin,
    author: Author,
    Path(ids): Path<(ItemId, ReviewId)>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<HideReview>,
) -> Result<Resource<Review>, Problem> {
    let mut invalid = Invalid::new();
    let reason = invalid.check("/reason", Explanation::parse(&body.value.reason));
    let reason = reason.ok_or_else(|| Problem::from(invalid))?;
    let hidden = Hidden {
        ground: body.value.ground,
        reason: reason.as_str().to_owned(),
        since: clock::now(),
    };
    decide(&db, &shelf, &context, &author, ids, &if_match, Some(hidden)).await
}

/// Show a review again that was hidden, or keep one that was reported.
#[utoipa::path(post, path = "/api/items/{id}/reviews/{review_id}/restore", tag = "catalog",
    security(("bearer" = [])),
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Review), Refusals))]
pub async fn restore(
    _: Admin,
    author: Author,
    Path(ids): Path<(ItemId, ReviewId)>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<Resource<Review>, Problem> {
    decide(&db, &shelf, &context, &author, ids, &if_match, None).await
}

async fn decide(
    db: &Db,
    shelf: &Shelf,
    context: &Context,
    author: &Author,
    (item, id): (ItemId, ReviewId),
    if_match: &IfMatch,
    hidden: Option<Hidden>,
) -> Result<Resource<Review>, Problem> {
    let decided = db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = reviews::lock(&mut tx, item, id).await?;
            let review = found.ok_or_else(Problem::not_found)?;
            if_match.check(review.version)?;
            write(&mut tx, author, review, hidden.clone()).await
        }
        .await;
        tx.finish(outcome).await
    })
    .await;
    shelf.forget(context, &[item]).await;
    decided.map(resource)
}

/// Writes the decision on a review that was locked, and counts its stars out of the average or in again.
async fn write(
    tx: &mut Tx,
    author: &Author,
    mut review: Review,
    hidden: Option<Hidden>,
) -> Result<Review, Problem> {
    let now = clock::now();
    let before = review.clone();
    let counts = match (&before.hidden, &hidden) {
        (None, Some(_)) => -1,
        (Some(_), None) => 1,
        _ => 0,
    };
    if counts != 0 {
        count(tx, review.item_id, counts * stars(review.rating), counts).await?;
    }
    let (decision, action) = match hidden {
        Some(_) => (Decision::Hidden, "review.hidden"),
        None => (Decision::Kept, "review.restored"),
    };
    review.hidden = hidden;
    review.version += 1;
    review.updated_at = now;
    reviews::update_hidden(tx, &review).await?;
    reports::decide(tx, review.id, decision, now).await?;
    let path = path(&review);
    let deed = Deed::changed(action, &path, &before, &review);
    author.record(tx, deed).await?;
    Ok(review)
}
