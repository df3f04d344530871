//! Reviews: read by all, one a client and item, changed and deleted by their author.

use axum::extract::State;
use commerce::{BoundedText, ItemId, ReviewId, Text};
use db::{Db, Tx};
use http::StatusCode;
use serde::Deserialize;
use service::idempotency::{self, Answer, Claim};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Client, Context, Deed, IdempotencyKey, IfMatch, Invalid, JsonBody, List, Page,
    Path, Problem, Resource, Role, clock,
};
use utoipa::ToSchema;

use super::items::find_visible;
use crate::rating::Rating;
use crate::review::{Comment, Hidden, Review};
use crate::store::shelf::Shelf;
use crate::store::{items, reviews};

/// The reviews of an item, from the newest. One that is hidden is shown to its author and to admins.
#[utoipa::path(get, path = "/api/items/{id}/reviews", tag = "catalog",
    params(("id" = ItemId, Path), PageQuery),
    responses((status = 200, body = ListBody<Review>), Refusals))]
pub async fn list(
    caller: Option<Caller>,
    Path(id): Path<ItemId>,
    page: Page<ReviewId>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<List<Review>, Problem> {
    find_visible(&context, &shelf, caller, id).await?;
    let author = caller.map(|caller| caller.user);
    let sees_all = caller.is_some_and(|caller| caller.role == Role::Admin);
    let viewer = (author, sees_all);
    let found = reviews::list(&db, id, viewer, page.after, page.rows()).await?;
    Ok(page.list(found, |review| review.id))
}

/// One review.
#[utoipa::path(get, path = "/api/items/{id}/reviews/{review_id}", tag = "catalog",
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path)),
    responses((status = 200, body = Review), Refusals))]
pub async fn show(
    caller: Option<Caller>,
    Path((id, review_id)): Path<(ItemId, ReviewId)>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<Resource<Review>, Problem> {
    find_visible(&context, &shelf, caller, id).await?;
    let found = reviews::find(&db, id, review_id).await?;
    let shown = found.filter(|review| is_shown(review, caller));
    Ok(resource(shown.ok_or_else(Problem::not_found)?))
}

/// A hidden review is there for its author and for admins.
pub fn is_shown(review: &Review, caller: Option<Caller>) -> bool {
    let sees_hidden =
        |caller: Caller| caller.role == Role::Admin || caller.user == review.client_id;
    review.hidden.is_none() || caller.is_some_and(sees_hidden)
}

pub fn resource(review: Review) -> Resource<Review> {
    Resource {
        version: review.version,
        body: review,
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateReview {
    #[schema(minimum = 1, maximum = 5)]
    rating: u8,
    #[schema(value_type = String, max_length = 2000)]
    #[serde(default)]
    comment: BoundedText<2000>,
}

/// Reviews an item, once.
#[utoipa::path(post, path = "/api/items/{id}/reviews", tag = "catalog", security(("bearer" = [])),
    request_body = CreateReview,
    params(("id" = ItemId, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Review),
        (status = 409, description = "`already-reviewed`: one review a client and item"),
        Refusals))]
pub async fn create(
    Client(caller): Client,
    Path(id): Path<ItemId>,
    key: Option<IdempotencyKey>,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<CreateReview>,
) -> Result<Answer, Problem> {
    let author = Author::new(caller, None, &context);
    let claim = key.map(|key| Claim::new(caller.user, &key, body.digest));
    let review = parse(body.value, caller, id)?;
    find_visible(&context, &shelf, Some(caller), id).await?;
    let created = idempotency::once(&db, claim.as_ref(), || {
        insert(&db, &author, &review, claim.as_ref())
    })
    .await;
    shelf.forget(&context, &[id]).await;
    created
}

fn parse(body: CreateReview, caller: Caller, item_id: ItemId) -> Result<Review, Problem> {
    let mut invalid = Invalid::new();
    let rating = invalid.check("/rating", Rating::new(body.rating));
    let comment = invalid.check("/comment", Comment::parse(&body.comment));
    let (Some(rating), Some(comment)) = (rating, comment) else {
        return Err(invalid.into());
    };
    let now = clock::now();
    Ok(Review {
        id: ReviewId::from_uuid(service::fresh_uuid()),
        item_id,
        client_id: caller.user,
        rating,
        comment: comment.as_str().to_owned(),
        verified_purchase: false,
        hidden: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// The item is counted first: its lock is the one that reviews of an item wait for, and a review that was
/// inserted before would have taken a share of it that nobody could turn into a lock.
async fn insert(
    db: &Db,
    author: &Author,
    review: &Review,
    claim: Option<&Claim>,
) -> Result<Answer, Problem> {
    let mut tx = db.begin().await?;
    let outcome = async {
        count(&mut tx, review.item_id, stars(review.rating), 1).await?;
        reviews::insert(&mut tx, review)
            .await
            .map_err(already_reviewed)?;
        let review = find_written(&mut tx, review.id).await?;
        let path = path(&review);
        let deed = Deed::created("review.created", &path, &review);
        author.record(&mut tx, deed).await?;
        let answer = Answer::created(path, review.version, &review)?;
        if let Some(claim) = claim {
            claim.store(&mut tx, &answer).await?;
        }
        Ok(answer)
    }
    .await;
    tx.finish(outcome).await
}

pub fn path(review: &Review) -> String {
    format!("/api/items/{}/reviews/{}", review.item_id, review.id)
}

pub fn stars(rating: Rating) -> i64 {
    i64::from(rating.stars())
}

pub async fn count(tx: &mut Tx, item: ItemId, stars: i64, reviews: i64) -> Result<(), Problem> {
    match items::count_rating(tx, item, stars, reviews).await? {
        0 => Err(Problem::not_found()),
        _ => Ok(()),
    }
}

async fn find_written(tx: &mut Tx, id: ReviewId) -> Result<Review, Problem> {
    let written = reviews::find_written(tx, id).await?;
    written.ok_or_else(Problem::not_found)
}

fn already_reviewed(error: db::Error) -> Problem {
    if error.is_duplicate_of("reviews_author") {
        let title = Text::new(
            "Vous avez déjà donné votre avis sur cet article",
            "You have reviewed this item already",
        );
        Problem::conflict("already-reviewed", title)
    } else {
        error.into()
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeReview {
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<u8>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    comment: Option<BoundedText<2000>>,
}

/// Changes what is given and leaves the rest.
#[utoipa::path(patch, path = "/api/items/{id}/reviews/{review_id}", tag = "catalog",
    security(("bearer" = [])), request_body = ChangeReview,
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Review),
        (status = 409, description = "`review-hidden`: it is hidden, and stays as it is"),
        Refusals))]
pub async fn change(
    Client(caller): Client,
    Path((id, review_id)): Path<(ItemId, ReviewId)>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<ChangeReview>,
) -> Result<Resource<Review>, Problem> {
    let author = Author::new(caller, None, &context);
    let change = Change::parse(body.value)?;
    let changed = db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let review = lock_own(&mut tx, caller, id, review_id).await?;
            if_match.check(review.version)?;
            let before = review.clone();
            let review = change.write(&mut tx, review).await?;
            let path = path(&review);
            let deed = Deed::changed("review.changed", &path, &before, &review);
            author.record(&mut tx, deed).await?;
            Ok::<_, Problem>(review)
        }
        .await;
        tx.finish(outcome).await
    })
    .await;
    shelf.forget(&context, &[id]).await;
    changed.map(resource)
}

struct Change {
    rating: Option<Rating>,
    comment: Option<Comment>,
}

impl Change {
    fn parse(body: ChangeReview) -> Result<Self, Problem> {
        let mut invalid = Invalid::new();
        let rating = body
            .rating
            .and_then(|stars| invalid.check("/rating", Rating::new(stars)));
        let comment = body
            .comment
            .and_then(|text| invalid.check("/comment", Comment::parse(&text)));
        invalid.finish()?;
        Ok(Self { rating, comment })
    }

    async fn write(&self, tx: &mut Tx, mut review: Review) -> Result<Review, Problem> {
        if let Some(rating) = self.rating.filter(|rating| *rating != review.rating) {
            let more = stars(rating) - stars(review.rating);
            count(tx, review.item_id, more, 0).await?;
            review.rating = rating;
        }
        if let Some(comment) = &self.comment {
            review.comment = comment.as_str().to_owned();
        }
        review.updated_at = clock::now();
        review.version += 1;
        reviews::update(tx, &review).await?;
        Ok(review)
    }
}

/// Removes the caller's own review; the average follows.
#[utoipa::path(delete, path = "/api/items/{id}/reviews/{review_id}", tag = "catalog",
    security(("bearer" = [])),
    params(("id" = ItemId, Path), ("review_id" = ReviewId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The review is gone"),
        (status = 409, description = "`review-hidden`: it is hidden, and stays as it is"),
        Refusals))]
pub async fn delete(
    Client(caller): Client,
    author: Author,
    Path((id, review_id)): Path<(ItemId, ReviewId)>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
) -> Result<StatusCode, Problem> {
    let deleted = db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let review = lock_own(&mut tx, caller, id, review_id).await?;
            if_match.check(review.version)?;
            count(&mut tx, id, -stars(review.rating), -1).await?;
            reviews::delete(&mut tx, review_id).await?;
            let path = path(&review);
            let deed = Deed::removed("review.removed", &path, &review);
            author.record(&mut tx, deed).await?;
            Ok::<_, Problem>(StatusCode::NO_CONTENT)
        }
        .await;
        tx.finish(outcome).await
    })
    .await;
    shelf.forget(&context, &[id]).await;
    deleted
}

/// The review, locked, to its author.
async fn lock_own(
    tx: &mut Tx,
    caller: Caller,
    item: ItemId,
    id: ReviewId,
) -> Result<Review, Problem> {
    let found = reviews::lock(tx, item, id).await?;
    let review = found.ok_or_else(Problem::not_found)?;
    match &review.hidden {
        _ if review.client_id != caller.user => match review.hidden {
            Some(_) => Err(Problem::not_found()),
            None => Err(Problem::forbidden()),
        },
        // It stays what was decided on, and its author has one review of the item.
        Some(hidden) => Err(hidden_review(hidden)),
        None => Ok(review),
    }
}

fn hidden_review(hidden: &Hidden) -> Problem {
    Problem::conflict(
        "review-hidden",
        Text::new(
            "La boutique a masqué cet avis",
            "The shop has hidden this review",
        ),
    )
    .detail(
        format!("Motif : {}", hidden.reason),
        format!("Reason: {}", hidden.reason),
    )
    .with("ground", hidden.ground.as_str())
    .with("reason", hidden.reason.as_str())
}
