//! Items on the wire, and what becomes an item of what is sent.

use commerce::{
    BoundedText, CategoryId, ItemId, Money, Price, PriceError, Timestamp, UserId, VatRate,
    VatRateError,
};
use serde::{Deserialize, Deserializer, Serialize};
use service::{Caller, Invalid, Problem, clock};
use utoipa::ToSchema;

use crate::item::{Item, ItemDescription, ItemName};
use crate::rating::{AverageRating, ShownAverage};
use crate::sku::Sku;
use crate::stock::{Stock, StockMaximum, StockMinimum};

/// An item, as everybody sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemBody {
    id: ItemId,
    name: String,
    description: String,
    category_id: CategoryId,
    /// VAT included.
    price: Price,
    /// Basis points: 2000 is 20 %.
    vat_rate: VatRate,
    stock: Stock,
    /// Below so many pieces on hand, the seller is told; 0 for never. Like the next two members only for its seller,
    /// its supplier and admins.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stock_minimum: Option<i64>,
    /// Past so many pieces on hand, no supplier's delivery is taken; null for no limit.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stock_maximum: Option<Option<i64>>,
    /// What shop and supplier call it.
    sku: Option<String>,
    /// Who delivers it.
    #[schema(value_type = Option<UserId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier_id: Option<Option<UserId>>,
    /// Null without a review.
    average_rating: Option<ShownAverage>,
    review_count: u32,
    seller_id: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl ItemBody {
    /// As this caller sees it.
    pub fn seen_by(item: &Item, caller: Option<Caller>) -> Self {
        let is_shown = item.shows_supply_to(caller);
        Self {
            stock_minimum: is_shown.then_some(item.stock_minimum),
            stock_maximum: is_shown.then_some(item.stock_maximum),
            supplier_id: is_shown.then_some(item.supplier_id),
            ..Self::whole(item)
        }
    }

    /// As its seller sees it.
    pub fn whole(item: &Item) -> Self {
        Self {
            id: item.id,
            name: item.name.clone(),
            description: item.description.clone(),
            category_id: item.category_id,
            price: item.price,
            vat_rate: item.vat_rate,
            stock: Stock::from(item),
            stock_minimum: Some(item.stock_minimum),
            stock_maximum: Some(item.stock_maximum),
            sku: item.sku.clone(),
            supplier_id: Some(item.supplier_id),
            average_rating: item.average_rating.shown(),
            review_count: item.review_count,
            seller_id: item.seller_id,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateItem {
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = r"\S")]
    name: BoundedText<200>,
    #[schema(value_type = String, max_length = 5000)]
    #[serde(default)]
    description: BoundedText<5000>,
    category_id: CategoryId,
    /// VAT included.
    #[schema(value_type = Price)]
    price: Money,
    /// Basis points: 2000 is 20 %.
    #[schema(value_type = VatRate)]
    vat_rate: u16,
    /// Below so many pieces on hand, the event `stock.low` is told; 0 for never.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default)]
    stock_minimum: i64,
    /// Past so many pieces on hand, no supplier's delivery is taken; null for no limit.
    #[schema(minimum = 1, maximum = 1_000_000)]
    stock_maximum: Option<i64>,
    /// 1 to 64 visible ASCII characters; unique without regard to capitals.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = r"^\s*[!-~]+\s*$")]
    sku: Option<BoundedText<64>>,
    /// The account that delivers it.
    supplier_id: Option<UserId>,
}

impl CreateItem {
    /// The item that its seller makes.
    pub fn parse(self, seller_id: UserId) -> Result<Item, Problem> {
        let mut invalid = Invalid::new();
        let name = invalid.check("/name", ItemName::parse(&self.name));
        let description = ItemDescription::parse(&self.description);
        let description = invalid.check("/description", description);
        let price = parse_price(&mut invalid, self.price);
        let vat_rate = parse_vat_rate(&mut invalid, self.vat_rate);
        let minimum = parse_minimum(&mut invalid, self.stock_minimum);
        let maximum = parse_maximum(&mut invalid, self.stock_maximum);
        let sku = parse_sku(&mut invalid, self.sku.as_deref());
        let (Some(name), Some(description), Some(price), Some(vat_rate), Some(minimum)) =
            (name, description, price, vat_rate, minimum)
        else {
            return Err(invalid.into());
        };
        let maximum = maximum.map(StockMaximum::get);
        check_limits(&mut invalid, minimum.get(), maximum);
        invalid.finish()?;
        let now = clock::now();
        Ok(Item {
            id: ItemId::from_uuid(service::fresh_uuid()),
            seller_id,
            category_id: self.category_id,
            category_enabled: true,
            seller_hidden: false,
            name: name.as_str().to_owned(),
            description: description.as_str().to_owned(),
            price,
            vat_rate,
            on_hand: 0,
            reserved: 0,
            stock_minimum: minimum.get(),
            stock_maximum: maximum,
            sku: sku.map(Sku::into_text),
            supplier_id: self.supplier_id,
            average_rating: AverageRating::NONE,
            review_count: 0,
            version: 1,
            created_at: now,
            updated_at: now,
            held_until: None,
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeItem {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    name: Option<BoundedText<200>>,
    #[schema(value_type = Option<String>, max_length = 5000)]
    description: Option<BoundedText<5000>>,
    category_id: Option<CategoryId>,
    #[schema(value_type = Option<Price>)]
    price: Option<Money>,
    #[schema(value_type = Option<VatRate>)]
    vat_rate: Option<u16>,
    #[schema(minimum = 0, maximum = 1_000_000)]
    stock_minimum: Option<i64>,
    /// Null for no limit.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000)]
    #[serde(default, deserialize_with = "given")]
    stock_maximum: Option<Option<i64>>,
    /// Null for none.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = r"^\s*[!-~]+\s*$")]
    #[serde(default, deserialize_with = "given")]
    sku: Option<Option<BoundedText<64>>>,
    /// Null for nobody.
    #[schema(value_type = Option<UserId>)]
    #[serde(default, deserialize_with = "given")]
    supplier_id: Option<Option<UserId>>,
}

/// A member that is there, null or not; one that is absent is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is given of a change, once it is known to be good.
pub struct Change {
    name: Option<ItemName>,
    description: Option<ItemDescription>,
    category_id: Option<CategoryId>,
    price: Option<Price>,
    vat_rate: Option<VatRate>,
    stock_minimum: Option<StockMinimum>,
    stock_maximum: Option<Option<StockMaximum>>,
    sku: Option<Option<Sku>>,
    supplier_id: Option<Option<UserId>>,
}

impl ChangeItem {
    pub fn parse(self) -> Result<Change, Problem> {
        let mut invalid = Invalid::new();
        let name = self
            .name
            .and_then(|name| invalid.check("/name", ItemName::parse(&name)));
        let description = self
            .description
            .and_then(|text| invalid.check("/description", ItemDescription::parse(&text)));
        let price = self
            .price
            .and_then(|price| parse_price(&mut invalid, price));
        let vat_rate = self
            .vat_rate
            .and_then(|rate| parse_vat_rate(&mut invalid, rate));
        let stock_minimum = self
            .stock_minimum
            .and_then(|pieces| parse_minimum(&mut invalid, pieces));
        let stock_maximum = self
            .stock_maximum
            .map(|pieces| parse_maximum(&mut invalid, pieces));
        let sku = self.sku.map(|sku| parse_sku(&mut invalid, sku.as_deref()));
        invalid.finish()?;
        Ok(Change {
            name,
            description,
            category_id: self.category_id,
            price,
            vat_rate,
            stock_minimum,
            stock_maximum,
            sku,
            supplier_id: self.supplier_id,
        })
    }
}

impl Change {
    /// Whether the item may be so.
    pub fn apply(&self, item: &mut Item) -> Result<(), Problem> {
        if let Some(name) = &self.name {
            item.name = name.as_str().to_owned();
        }
        if let Some(description) = &self.description {
            item.description = description.as_str().to_owned();
        }
        item.category_id = self.category_id.unwrap_or(item.category_id);
        item.price = self.price.unwrap_or(item.price);
        item.vat_rate = self.vat_rate.unwrap_or(item.vat_rate);
        item.stock_minimum = self
            .stock_minimum
            .map_or(item.stock_minimum, StockMinimum::get);
        if let Some(maximum) = &self.stock_maximum {
            item.stock_maximum = maximum.map(StockMaximum::get);
        }
        if let Some(sku) = &self.sku {
            item.sku = sku.clone().map(Sku::into_text);
        }
        item.supplier_id = self.supplier_id.unwrap_or(item.supplier_id);
        item.updated_at = clock::now();
        item.version += 1;
        let mut invalid = Invalid::new();
        check_limits(&mut invalid, item.stock_minimum, item.stock_maximum);
        invalid.finish()
    }
}

fn parse_price(invalid: &mut Invalid, money: Money) -> Option<Price> {
    invalid.check("/price/amount", Price::new(money).map_err(PriceError::text))
}

fn parse_vat_rate(invalid: &mut Invalid, basis_points: u16) -> Option<VatRate> {
    let rate = VatRate::new(basis_points).map_err(VatRateError::text);
    invalid.check("/vat_rate", rate)
}

fn parse_minimum(invalid: &mut Invalid, pieces: i64) -> Option<StockMinimum> {
    invalid.check("/stock_minimum", StockMinimum::new(pieces))
}

fn parse_maximum(invalid: &mut Invalid, pieces: Option<i64>) -> Option<StockMaximum> {
    pieces.and_then(|pieces| invalid.check("/stock_maximum", StockMaximum::new(pieces)))
}

fn parse_sku(invalid: &mut Invalid, sku: Option<&str>) -> Option<Sku> {
    sku.and_then(|sku| invalid.check("/sku", Sku::parse(sku)))
}

fn check_limits(invalid: &mut Invalid, minimum: i64, maximum: Option<i64>) {
    if maximum.is_some_and(|maximum| maximum < minimum) {
        invalid.refuse("/stock_maximum", StockMaximum::below_minimum());
    }
}
