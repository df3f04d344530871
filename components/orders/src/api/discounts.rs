//! Discount codes: an admin's for the shop and for any seller, a seller's own for those who sell in their own
//! name.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use commerce::{MerchantId, Money, PositivePrice, Price, PriceError, Text, Timestamp};
use db::Db;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{
    Author, Caller, Deed, IfMatch, Invalid, JsonBody, List, Page, Path, Problem, Query, Resource,
    Role, Seller, clock,
};
use utoipa::ToSchema;

use super::merchants::may_change;
use crate::discount::{Code, Discount, Off, Terms};
use crate::store::discounts::{self, Key};
use crate::store::merchants;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscountInput {
    /// Whose lines it is for, which stays so: `shop` if absent, for a seller their own.
    merchant: Option<MerchantId>,
    /// How much of the goods it takes off; or else `amount`.
    #[schema(minimum = 1, maximum = 100, example = 10)]
    percent: Option<i64>,
    /// How much it takes off, VAT included; no more than the goods cost.
    #[schema(value_type = Option<PositivePrice>)]
    amount: Option<Money>,
    /// What the merchant's lines must come to, VAT included; anything if absent.
    #[schema(value_type = Option<Price>)]
    minimum: Option<Money>,
    /// From when it is good: from now on if absent.
    starts_at: Option<Timestamp>,
    /// From when it is not good any more: never if absent.
    ends_at: Option<Timestamp>,
    /// How many orders may use it: any number if absent.
    #[schema(minimum = 1, maximum = 1_000_000)]
    max_uses: Option<i64>,
    /// Whether each customer may have it in one order only.
    #[serde(default)]
    once_per_customer: bool,
}

/// A discount code.
#[derive(Serialize, ToSchema)]
#[schema(as = Discount)]
pub struct DiscountBody {
    code: Code,
    merchant: MerchantId,
    #[schema(minimum = 1, maximum = 100)]
    percent: Option<u8>,
    amount: Option<Money>,
    minimum: Money,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    max_uses: Option<u32>,
    once_per_customer: bool,
    /// How many orders use it, since the code was first given out. An order that ends unpaid, is cancelled or has all
    /// of its money back does not count.
    uses: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Discount> for DiscountBody {
    fn from(discount: Discount) -> Self {
        let terms = discount.terms;
        let (percent, amount) = match terms.off {
            Off::Percent(percent) => (Some(percent), None),
            Off::Amount(amount) => (None, Some(amount)),
        };
        Self {
            code: discount.code,
            merchant: discount.merchant,
            percent,
            amount,
            minimum: terms.minimum,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            max_uses: terms.max_uses,
            once_per_customer: terms.once_per_customer,
            uses: discount.uses,
            created_at: discount.created_at,
            updated_at: discount.updated_at,
        }
    }
}

impl From<Discount> for Resource<DiscountBody> {
    fn from(discount: Discount) -> Self {
        Resource {
            version: discount.version,
            body: discount.into(),
        }
    }
}

/// Which merchant's code is meant: several may have given out the same one.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfMerchant {
    /// For admins: `shop` if absent. A seller's codes are their own.
    #[param(example = "shop")]
    merchant: Option<MerchantId>,
}

impl OfMerchant {
    /// The merchant, if the caller may change what is theirs; to a seller there are no codes but their own.
    fn check(self, caller: Caller) -> Result<MerchantId, Problem> {
        let merchant = self.merchant.unwrap_or(own_merchant(caller));
        may_change(merchant, caller).map_err(|_| Problem::not_found())?;
        Ok(merchant)
    }
}

/// Whose codes somebody speaks of who names nobody.
fn own_merchant(caller: Caller) -> MerchantId {
    match caller.role {
        Role::Admin => MerchantId::Shop,
        _ => MerchantId::Seller(caller.user),
    }
}

/// Discount codes, in the order of the alphabet: all of them for an admin, a seller's own for a seller.
#[utoipa::path(get, path = "/api/discounts", tag = "discounts", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = ListBody<DiscountBody>), Refusals))]
pub async fn list(
    Seller(caller): Seller,
    page: Page<Key>,
    State(db): State<Db>,
) -> Result<List<DiscountBody>, Problem> {
    let merchant = match caller.role {
        Role::Admin => None,
        _ => Some(MerchantId::Seller(caller.user)),
    };
    let found = discounts::list(&db, merchant, page.after.as_ref(), page.rows()).await?;
    let list = page.list(found, |discount| (discount.code.clone(), discount.merchant));
    Ok(list.map(DiscountBody::from))
}

/// One discount code.
#[utoipa::path(get, path = "/api/discounts/{code}", tag = "discounts", security(("bearer" = [])),
    params(("code" = Code, Path), OfMerchant),
    responses((status = 200, body = DiscountBody), Refusals))]
pub async fn show(
    Seller(caller): Seller,
    Path(code): Path<Code>,
    Query(of): Query<OfMerchant>,
    State(db): State<Db>,
) -> Result<Resource<DiscountBody>, Problem> {
    let merchant = of.check(caller)?;
    let found = discounts::find(&db, merchant, &code).await?;
    Ok(found.ok_or_else(Problem::not_found)?.into())
}

/// Gives a code out (201), or changes what it takes off with `If-Match`. Orders keep what they had.
#[utoipa::path(put, path = "/api/discounts/{code}", tag = "discounts", security(("bearer" = [])),
    request_body = DiscountInput,
    params(("code" = Code, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = DiscountBody), (status = 201, body = DiscountBody),
        (status = 409, description = "`no-such-merchant`: the shop has no merchant of this id"),
        Refusals))]
pub async fn put(
    Seller(caller): Seller,
    author: Author,
    Path(code): Path<Code>,
    if_match: Option<IfMatch>,
    State(db): State<Db>,
    body: JsonBody<DiscountInput>,
) -> Result<Response, Problem> {
    let wanted = parse(code, body.value, caller)?;
    may_change(wanted.merchant, caller)?;
    let (discount, is_new) = db::retry(|| write(&db, &author, &wanted, if_match.as_ref())).await?;
    let location = path(&discount);
    let resource = Resource::from(discount);
    Ok(match is_new {
        true => resource.created(&location),
        false => resource.into_response(),
    })
}

fn parse(code: Code, body: DiscountInput, caller: Caller) -> Result<Discount, Problem> {
    let now = clock::now();
    let mut invalid = Invalid::new();
    let off = parse_off(body.percent, body.amount, &mut invalid);
    let minimum = body.minimum.unwrap_or(Money::eur(0));
    let minimum = Price::new(minimum).map_err(PriceError::text);
    let minimum = invalid.check("/minimum/amount", minimum);
    let starts_at = body.starts_at.unwrap_or(now);
    if body.ends_at.is_some_and(|end| end <= starts_at) {
        let text = Text::new("La fin suit le début", "The end is after the beginning");
        invalid.refuse("/ends_at", text);
    }
    let max_uses = body.max_uses.map(|most| {
        let most = u32::try_from(most)
            .ok()
            .filter(|most| (1..=1_000_000).contains(most));
        let text = || Text::new("De 1 à 1 000 000", "From 1 to 1,000,000");
        invalid.check("/max_uses", most.ok_or_else(text))
    });
    invalid.finish()?;
    let (Some(off), Some(minimum)) = (off, minimum) else {
        return Err(Problem::unprocessable());
    };
    Ok(Discount {
        code,
        merchant: body.merchant.unwrap_or(own_merchant(caller)),
        terms: Terms {
            off,
            minimum: minimum.money(),
            starts_at,
            ends_at: body.ends_at,
            max_uses: max_uses.flatten(),
            once_per_customer: body.once_per_customer,
        },
        uses: 0,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn parse_off(percent: Option<i64>, amount: Option<Money>, invalid: &mut Invalid) -> Option<Off> {
    match (percent, amount) {
        (Some(percent), None) => {
            let percent = u8::try_from(percent)
                .ok()
                .filter(|of| (1..=100).contains(of));
            let text = || Text::new("De 1 à 100", "From 1 to 100");
            invalid
                .check("/percent", percent.ok_or_else(text))
                .map(Off::Percent)
        }
        (None, Some(amount)) => {
            let price = PositivePrice::new(amount).map_err(|error| error.text());
            let price = invalid.check("/amount/amount", price)?;
            Some(Off::Amount(price.money()))
        }
        _ => {
            let text = Text::new(
                "Donnez soit un pourcentage, soit un montant",
                "Give either a percentage or an amount",
            );
            invalid.refuse("/percent", text);
            None
        }
    }
}

fn path(discount: &Discount) -> String {
    let Discount { code, merchant, .. } = discount;
    match merchant {
        MerchantId::Shop => format!("/api/discounts/{code}"),
        MerchantId::Seller(_) => format!("/api/discounts/{code}?merchant={merchant}"),
    }
}

async fn write(
    db: &Db,
    author: &Author,
    wanted: &Discount,
    if_match: Option<&IfMatch>,
) -> Result<(Discount, bool), Problem> {
    let path = path(wanted);
    let mut tx = db.begin().await?;
    let outcome = async {
        let Some((mut known, is_given_out)) =
            discounts::lock(&mut tx, wanted.merchant, &wanted.code).await?
        else {
            if let Some(if_match) = if_match {
                if_match.check_absent()?;
            }
            let merchant = merchants::lock(&mut tx, wanted.merchant).await?;
            if merchant.is_none_or(|merchant| merchant.approved.is_none()) {
                return Err(no_merchant());
            }
            discounts::insert(&mut tx, wanted)
                .await
                .map_err(|error| match error {
                    // Somebody else was first, at this moment.
                    db::Error::Duplicate { .. } => Problem::precondition_required(),
                    error => error.into(),
                })?;
            let body = DiscountBody::from(wanted.clone());
            let deed = Deed::created("discount.created", &path, &body);
            author.record(&mut tx, deed).await?;
            return Ok((wanted.clone(), true));
        };
        if is_given_out {
            let if_match = if_match.ok_or_else(Problem::precondition_required)?;
            if_match.check(known.version)?;
        } else if let Some(if_match) = if_match {
            if_match.check_absent()?;
        }
        let before = DiscountBody::from(known.clone());
        known.terms = wanted.terms;
        known.updated_at = wanted.updated_at;
        if !is_given_out {
            known.created_at = wanted.created_at;
        }
        known.version += 1;
        discounts::update(&mut tx, &known).await?;
        let after = DiscountBody::from(known.clone());
        let deed = match is_given_out {
            true => Deed::changed("discount.changed", &path, &before, &after),
            // Its uses are those of before.
            false => Deed::created("discount.created", &path, &after),
        };
        author.record(&mut tx, deed).await?;
        Ok((known, !is_given_out))
    }
    .await;
    tx.finish(outcome).await
}

fn no_merchant() -> Problem {
    Problem::conflict(
        "no-such-merchant",
        Text::new(
            "Ce vendeur ne vend pas en son nom",
            "This seller does not sell in their own name",
        ),
    )
}

/// Takes a code back. Orders keep what they had, and their uses count if it is given out again.
#[utoipa::path(delete, path = "/api/discounts/{code}", tag = "discounts", security(("bearer" = [])),
    params(("code" = Code, Path), OfMerchant, ("If-Match" = String, Header)),
    responses((status = 204, description = "The code is gone"), Refusals))]
pub async fn delete(
    Seller(caller): Seller,
    author: Author,
    Path(code): Path<Code>,
    Query(of): Query<OfMerchant>,
    if_match: IfMatch,
    State(db): State<Db>,
) -> Result<StatusCode, Problem> {
    let merchant = of.check(caller)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let outcome = async {
            let known = discounts::lock(&mut tx, merchant, &code).await?;
            let given_out = known.filter(|(_, is_given_out)| *is_given_out);
            let (discount, _) = given_out.ok_or_else(Problem::not_found)?;
            if_match.check(discount.version)?;
            discounts::remove(&mut tx, &discount).await?;
            let (path, body) = (path(&discount), DiscountBody::from(discount));
            let deed = Deed::removed("discount.removed", &path, &body);
            Ok::<_, Problem>(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(outcome).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
