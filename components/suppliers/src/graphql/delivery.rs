//! Deliveries in GraphQL: what is told, and what was taken.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commerce::{Label, Price, PurchaseOrderId, Text, UserId};
use service::{Invalid, Problem};

use super::Asking;
use super::date_time::DateTime;
use super::paging::parse_id;
use super::product::{Money, MoneyInput, ProductNode};
use super::purchase_order::PurchaseOrderNode;
use crate::catalog::{Delivery, DeliveryLine, Restock, RestockedLine};

/// As many lines as a delivery may have.
const MAX_LINES: usize = 500;
/// As many pieces as one line may have.
const MAX_QUANTITY: i64 = 1_000_000;
const MAX_WORD: usize = 64;

/// Goods that have arrived.
#[derive(Debug, InputObject)]
pub struct RestockInput {
    /// Your own name for the delivery, 1 to 64 visible ASCII characters. The same one again, with the same
    /// lines, is answered as the first was and moves nothing.
    reference: String,
    /// The purchase order that is delivered, if it is one.
    purchase_order_id: Option<ID>,
    /// 1 to 500. All of them are taken, or none.
    lines: Vec<RestockLineInput>,
}

/// One lot of one product, named by its id or by its SKU.
#[derive(Debug, InputObject)]
pub struct RestockLineInput {
    product_id: Option<ID>,
    sku: Option<String>,
    /// From 1 to 1 000 000 pieces.
    quantity: i64,
    /// What one piece costs the shop.
    unit_cost: Option<MoneyInput>,
    /// The number of the lot, up to 64 characters.
    lot: Option<String>,
}

impl RestockInput {
    pub fn parse(self, supplier_id: UserId) -> Result<Delivery, Problem> {
        let mut invalid = Invalid::new();
        check_word(&mut invalid, "/input/reference", &self.reference);
        if !(1..=MAX_LINES).contains(&self.lines.len()) {
            let text = Text::new("De 1 à 500 lignes", "From 1 to 500 lines");
            invalid.refuse("/input/lines", text);
        }
        let order = self.purchase_order_id.as_ref();
        let order: Option<Option<PurchaseOrderId>> =
            order.map(|id| parse_id(&mut invalid, "/input/purchaseOrderId", id));
        let lines = self.lines.into_iter().take(MAX_LINES).enumerate();
        let lines = lines.map(|(index, line)| line.parse(&mut invalid, index));
        let lines = lines.collect();
        invalid.finish()?;
        Ok(Delivery {
            supplier_id,
            reference: self.reference,
            purchase_order_id: order.flatten(),
            lines,
        })
    }
}

impl RestockLineInput {
    fn parse(self, invalid: &mut Invalid, index: usize) -> DeliveryLine {
        let at = |field: &str| format!("/input/lines/{index}/{field}");
        if self.product_id.is_some() == self.sku.is_some() {
            let text = Text::new("productId ou sku", "Either productId or sku");
            invalid.refuse(at("productId"), text);
        }
        let product = self.product_id.as_ref();
        let product = product.map(|id| parse_id(invalid, &at("productId"), id));
        if let Some(sku) = &self.sku {
            check_word(invalid, &at("sku"), sku);
        }
        if !(1..=MAX_QUANTITY).contains(&self.quantity) {
            let text = Text::new("De 1 à 1 000 000", "From 1 to 1,000,000");
            invalid.refuse(at("quantity"), text);
        }
        let unit_cost = self.unit_cost.map(commerce::Money::from);
        if let Some(Err(error)) = unit_cost.map(Price::new) {
            invalid.refuse(at("unitCost"), error.text());
        }
        let lot = self.lot.as_deref().map(Label::<MAX_WORD>::parse);
        let lot = lot.and_then(|lot| invalid.check(&at("lot"), lot));
        DeliveryLine {
            item_id: product.flatten(),
            sku: self.sku,
            quantity: self.quantity,
            unit_cost,
            lot: lot.map(|lot| lot.as_str().to_owned()),
        }
    }
}

fn check_word(invalid: &mut Invalid, pointer: &str, word: &str) {
    let plain = word.bytes().all(|byte| byte.is_ascii_graphic());
    if !(1..=MAX_WORD).contains(&word.len()) || !plain {
        let text = Text::new(
            "De 1 à 64 caractères ASCII, sans espace",
            "1 to 64 ASCII characters, without spaces",
        );
        invalid.refuse(pointer, text);
    }
}

/// A delivery that was taken.
#[derive(SimpleObject)]
pub struct RestockPayload {
    pub restock: RestockNode,
    /// Whether this very delivery had been told before: nothing has moved this time.
    pub replayed: bool,
    /// The purchase order that was delivered, as it is now.
    pub purchase_order: Option<PurchaseOrderNode>,
}

/// A delivery that was taken.
pub struct RestockNode(pub Restock);

/// A delivery that was taken.
#[Object(name = "Restock")]
impl RestockNode {
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    async fn lines(&self) -> Vec<RestockLineNode> {
        self.0.lines.iter().cloned().map(RestockLineNode).collect()
    }

    /// When it was taken first.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

/// One lot of one product.
pub struct RestockLineNode(RestockedLine);

/// One lot of one product.
#[Object(name = "RestockLine")]
impl RestockLineNode {
    async fn product_id(&self) -> ID {
        self.0.item_id.to_string().into()
    }

    /// The product as it is now.
    async fn product(&self, context: &Context<'_>) -> async_graphql::Result<Option<ProductNode>> {
        let found = Asking::reading(context)?.product(self.0.item_id).await?;
        Ok(found.map(ProductNode))
    }

    async fn quantity(&self) -> i64 {
        self.0.quantity
    }

    async fn unit_cost(&self) -> Option<Money> {
        self.0.unit_cost.map(Money::from)
    }

    async fn lot(&self) -> Option<&str> {
        self.0.lot.as_deref()
    }

    /// Pieces of the product on hand after the whole delivery.
    async fn balance(&self) -> i64 {
        self.0.balance
    }
}
