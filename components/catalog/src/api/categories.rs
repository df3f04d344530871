//! Categories: read by all, written by admins.

use axum::extract::State;
use commerce::{BoundedText, CategoryId, Text};
use db::Db;
use http::StatusCode;
use serde::Deserialize;
use service::idempotency::{self, Answer, Claim};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Admin, Author, Caller, Context, Deed, IdempotencyKey, IfMatch, Invalid, JsonBody, List, Page,
    Path, Problem, Resource, clock,
};
use utoipa::ToSchema;

use crate::category::{Category, CategoryDescription, CategoryName, is_admin};
use crate::store::shelf::Shelf;
use crate::store::{categories, items};

/// Categories by name. Those that are not enabled are shown to admins only.
#[utoipa::path(get, path = "/api/categories", tag = "catalog",
    params(PageQuery), responses((status = 200, body = ListBody<Category>), Refusals))]
pub async fn list(
    caller: Option<Caller>,
    page: Page<String>,
    State(db): State<Db>,
) -> Result<List<Category>, Problem> {
    let hidden = is_admin(caller);
    let found = categories::list(&db, hidden, page.after.as_deref(), page.rows()).await?;
    Ok(page.list(found, |category| category.name.clone()))
}

/// One category.
#[utoipa::path(get, path = "/api/categories/{id}", tag = "catalog",
    params(("id" = CategoryId, Path)), responses((status = 200, body = Category), Refusals))]
pub async fn show(
    caller: Option<Caller>,
    Path(id): Path<CategoryId>,
    State(db): State<Db>,
) -> Result<Resource<Category>, Problem> {
    let category = categories::find(&db, id)
        .await?
        .filter(|category| category.is_visible_to(caller))
        .ok_or_else(Problem::not_found)?;
    Ok(Resource {
        version: category.version,
        body: category,
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    /// Unique without regard to case and accents.
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S")]
    name: BoundedText<100>,
    #[schema(value_type = String, max_length = 2000)]
    #[serde(default)]
    description: BoundedText<2000>,
    /// True if absent.
    enabled: Option<bool>,
}

/// Adds a category.
#[utoipa::path(post, path = "/api/categories", tag = "catalog", security(("bearer" = [])),
    request_body = CreateCategory, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Category),
        (status = 409, description = "`category-name-taken`: another category has this name"),
        Refusals))]
pub async fn create(
    Admin(caller): Admin,
    author: Author,
    key: Option<IdempotencyKey>,
    State(db): State<Db>,
    body: JsonBody<CreateCategory>,
) -> Result<Answer, Problem> {
    let claim = key.map(|key| Claim::new(caller.user, &key, body.digest));
    let category = parse(body.value)?;
    idempotency::once(&db, claim.as_ref(), || {
        insert(&db, &author, &category, claim.as_ref())
    })
    .await
}

fn path(id: CategoryId) -> String {
    format!("/api/categories/{id}")
}

fn parse(body: CreateCategory) -> Result<Category, Problem> {
    let mut invalid = Invalid::new();
    let name = invalid.check("/name", CategoryName::parse(&body.name));
    let description = CategoryDescription::parse(&body.description);
    let description = invalid.check("/description", description);
    let (Some(name), Some(description)) = (name, description) else {
        return Err(invalid.into());
    };
    let now = clock::now();
    Ok(Category {
        id: CategoryId::from_uuid(service::fresh_uuid()),
        name: name.as_str().to_owned(),
        description: description.as_str().to_owned(),
        enabled: body.enabled.unwrap_or(true),
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

async fn insert(
    db: &Db,
    author: &Author,
    category: &Category,
    claim: Option<&Claim>,
) -> Result<Answer, Problem> {
    let path = path(category.id);
    let answer = Answer::created(path.clone(), category.version, category)?;
    let mut tx = db.begin().await?;
    let outcome = async {
        categories::insert(&mut tx, category)
            .await
            .map_err(refusal)?;
        let deed = Deed::created("category.created", &path, category);
        author.record(&mut tx, deed).await?;
        if let Some(claim) = claim {
            claim.store(&mut tx, &answer).await?;
        }
        Ok(answer)
    }
    .await;
    tx.finish(outcome).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCategory {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S")]
    name: Option<BoundedText<100>>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<BoundedText<2000>>,
    enabled: Option<bool>,
}

/// Changes what is given and leaves the rest. Disabling hides the items of the category too.
#[utoipa::path(patch, path = "/api/categories/{id}", tag = "catalog", security(("bearer" = [])),
    request_body = ChangeCategory,
    params(("id" = CategoryId, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Category),
        (status = 409, description = "`category-name-taken`: another category has this name"),
        Refusals))]
pub async fn change(
    Admin(caller): Admin,
    Path(id): Path<CategoryId>,
    if_match: IfMatch,
    context: Context,
    State(db): State<Db>,
    State(shelf): State<Shelf>,
    body: JsonBody<ChangeCategory>,
) -> Result<Resource<Category>, Problem> {
    let author = Author::new(caller, None, &context);
    let change = Change::parse(body.value)?;
    let changed = db::retry(|| update(&db, &author, id, &if_match, &change)).await;
    // Whether an item may be seen is kept with the item.
    if change.enabled.is_some() {
        shelf
            .forget(&context, &items::list_ids(&db, id).await?)
            .await;
    }
    changed
}

struct Change {
    name: Option<CategoryName>,
    description: Option<CategoryDescription>,
    enabled: Option<bool>,
}

impl Change {
    fn parse(body: ChangeCategory) -> Result<Self, Problem> {
        let mut invalid = Invalid::new();
        let name = body
            .name
            .and_then(|name| invalid.check("/name", CategoryName::parse(&name)));
        let description = body
            .description
            .and_then(|text| invalid.check("/description", CategoryDescription::parse(&text)));
        invalid.finish()?;
        Ok(Self {
            name,
            description,
            enabled: body.enabled,
        })
    }

    fn apply(&self, category: &mut Category) {
        if let Some(name) = &self.name {
            category.name = name.as_str().to_owned();
        }
        if let Some(description) = &self.description {
            category.description = description.as_str().to_owned();
        }
        category.enabled = self.enabled.unwrap_or(category.enabled);
        category.updated_at = clock::now();
        category.version += 1;
    }
}

async fn update(
    db: &Db,
    author: &Author,
    id: CategoryId,
    if_match: &IfMatch,
    change: &Change,
) -> Result<Resource<Category>, Problem> {
    let mut tx = db.begin().await?;
    let outcome = async {
        let found = categories::lock(&mut tx, id).await?;
        let mut category = found.ok_or_else(Problem::not_found)?;
        if_match.check(category.version)?;
        let before = category.clone();
        change.apply(&mut category);
        categories::update(&mut tx, &category)
            .await
            .map_err(refusal)?;
        let path = path(id);
        let deed = Deed::changed("category.changed", &path, &before, &category);
        author.record(&mut tx, deed).await?;
        Ok(Resource {
            version: category.version,
            body: category,
        })
    }
    .await;
    tx.finish(outcome).await
}

/// Deletes a category that no item is in.
#[utoipa::path(delete, path = "/api/categories/{id}", tag = "catalog", security(("bearer" = [])),
    params(("id" = CategoryId, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "The category is gone"),
        (status = 409, description = "`category-in-use`: items are in it"),
        Refusals))]
pub async fn delete(
    _: Admin,
    author: Author,
    Path(id): Path<CategoryId>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let found = categories::lock(&mut tx, id).await?;
            let category = found.ok_or_else(Problem::not_found)?;
            if_match.check(category.version)?;
            categories::delete(&mut tx, id).await.map_err(refusal)?;
            let path = path(id);
            let deed = Deed::removed("category.removed", &path, &category);
            Ok::<_, Problem>(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the schema's refusals mean here.
fn refusal(error: db::Error) -> Problem {
    match error {
        taken if taken.is_duplicate_of("categories_name") => Problem::conflict(
            "category-name-taken",
            Text::new(
                "Une catégorie porte déjà ce nom",
                "A category has this name already",
            ),
        ),
        db::Error::ForeignKey => Problem::conflict(
            "category-in-use",
            Text::new(
                "Des articles sont dans cette catégorie",
                "There are items in this category",
            ),
        ),
        other => other.into(),
    }
}
