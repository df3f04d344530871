//! Purchase orders in GraphQL.

use async_graphql::{Context, ID, Object};

use super::Asking;
use super::date_time::DateTime;
use super::product::ProductNode;
use crate::purchase_order::{Line, PurchaseOrder, Status};

/// What the shop orders from a supplier.
pub struct PurchaseOrderNode(pub PurchaseOrder);

/// What the shop orders from a supplier.
#[Object(name = "PurchaseOrder")]
impl PurchaseOrderNode {
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people say aloud.
    async fn number(&self) -> u64 {
        self.0.number
    }

    async fn status(&self) -> Status {
        self.0.status
    }

    /// The account that is asked to deliver.
    async fn supplier_id(&self) -> ID {
        self.0.supplier_id.to_string().into()
    }

    async fn lines(&self) -> Vec<LineNode> {
        self.0.lines.iter().cloned().map(LineNode).collect()
    }

    /// Who carries the goods, once they are on their way.
    async fn carrier(&self) -> Option<&str> {
        self.0.carrier.as_deref()
    }

    async fn tracking_number(&self) -> Option<&str> {
        self.0.tracking_number.as_deref()
    }

    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }

    async fn confirmed_at(&self) -> Option<DateTime> {
        self.0.confirmed_at.map(DateTime)
    }

    async fn shipped_at(&self) -> Option<DateTime> {
        self.0.shipped_at.map(DateTime)
    }

    async fn received_at(&self) -> Option<DateTime> {
        self.0.received_at.map(DateTime)
    }

    async fn cancelled_at(&self) -> Option<DateTime> {
        self.0.cancelled_at.map(DateTime)
    }
}

/// One item of a purchase order.
pub struct LineNode(Line);

/// One item of a purchase order.
#[Object(name = "PurchaseOrderLine")]
impl LineNode {
    async fn product_id(&self) -> ID {
        self.0.item_id.to_string().into()
    }

    /// The product as it is now; null if it is gone, or somebody else delivers it by now.
    async fn product(&self, context: &Context<'_>) -> async_graphql::Result<Option<ProductNode>> {
        let found = Asking::reading(context)?.product(self.0.item_id).await?;
        Ok(found.map(ProductNode))
    }

    /// As it was when it was ordered.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// As it was when it was ordered.
    async fn sku(&self) -> Option<&str> {
        self.0.sku.as_deref()
    }

    /// Pieces that are ordered.
    async fn quantity(&self) -> i64 {
        self.0.quantity
    }

    /// Pieces that have been told as delivered.
    async fn received(&self) -> i64 {
        self.0.received
    }
}
