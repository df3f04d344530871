//! What can be asked for.

use async_graphql::{Context, ID, InputObject, Object, Result};
use commerce::{ItemId, Text};
use service::{Invalid, Problem};

use super::paging::{self, Cursor, Page};
use super::product::ProductNode;
use super::purchase_order::PurchaseOrderNode;
use super::{Asking, Node};
use crate::catalog::{Product, Search};
use crate::purchase_order::Status;
use crate::store::purchase_orders;

/// The longest that there is, in characters.
const MAX_SKU: usize = 64;

/// Which products are wanted: those for which all of it is true.
#[derive(Debug, Default, InputObject)]
pub struct ProductFilter {
    /// Without regard to capitals.
    sku: Option<String>,
    category: Option<ID>,
    /// Only those with fewer pieces on hand than their minimum.
    below_minimum: Option<bool>,
    /// For admins: suppliers see their own anyway.
    supplier: Option<ID>,
}

pub struct Query;

/// What can be asked for. Suppliers see what they deliver, and nothing else; admins see all.
#[Object]
impl Query {
    /// The product of this id.
    async fn product(&self, context: &Context<'_>, id: ID) -> Result<Option<ProductNode>> {
        let found = find_product(Asking::reading(context)?, &id).await?;
        Ok(found.map(ProductNode))
    }

    /// Products in the order in which they were made.
    async fn products(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "From 1 to 100; 20 if absent.")] first: Option<i32>,
        after: Option<String>,
        filter: Option<ProductFilter>,
    ) -> Result<Option<Page<ProductNode>>> {
        let asking = Asking::reading(context)?;
        let asked = paging::parse(first, after.as_deref())?;
        let mut search = parse_filter(filter.unwrap_or_default())?;
        search.limit = asked.first;
        search.after = asked.after.map(|Cursor(bytes)| ItemId::from_bytes(bytes));
        if let Some(only) = asking.access.only() {
            if search.supplier_id.is_some_and(|other| other != only) {
                return Ok(Some(paging::page(&asked, [], false)));
            }
            search.supplier_id = Some(only);
        }
        let found = asking.catalog.search(&asking.context, &search).await?;
        asking.keep(&found.data);
        let cursor = |product: &Product| Cursor(product.id.into_bytes());
        let nodes = found.data.into_iter();
        let nodes = nodes.map(|product| (cursor(&product), ProductNode(product)));
        Ok(Some(paging::page(&asked, nodes, found.more)))
    }

    /// Pieces of a product on hand; null if there is no such product.
    async fn stock_level(&self, context: &Context<'_>, product_id: ID) -> Result<Option<i64>> {
        let found = find_product(Asking::reading(context)?, &product_id).await?;
        Ok(found.map(|product| product.on_hand))
    }

    /// Purchase orders, the newest first. Suppliers see those that were approved.
    async fn purchase_orders(
        &self,
        context: &Context<'_>,
        status: Option<Status>,
        #[graphql(desc = "From 1 to 100; 20 if absent.")] first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Page<PurchaseOrderNode>>> {
        let asking = Asking::reading(context)?;
        let asked = paging::parse(first, after.as_deref())?;
        let filter = purchase_orders::Filter {
            supplier: asking.access.only(),
            status,
            after: asked
                .after
                .map(|Cursor(bytes)| commerce::PurchaseOrderId::from_bytes(bytes)),
        };
        let rows = i64::from(asked.first) + 1;
        let found = purchase_orders::list(&asking.db, &filter, rows).await;
        let mut found = found.map_err(Problem::from)?;
        let limit = usize::try_from(asked.first).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let nodes = found.into_iter();
        let nodes = nodes.map(|order| (Cursor(order.id.into_bytes()), PurchaseOrderNode(order)));
        Ok(Some(paging::page(&asked, nodes, more)))
    }

    /// Whatever has this id, if who asks may see it.
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>> {
        let asking = Asking::reading(context)?;
        if let Ok(order) = id.parse() {
            let only = asking.access.only();
            let found = purchase_orders::find(&asking.db, only, order).await;
            if let Some(order) = found.map_err(Problem::from)? {
                return Ok(Some(Node::PurchaseOrder(PurchaseOrderNode(order))));
            }
        }
        let found = find_product(asking, &id).await?;
        Ok(found.map(|product| Node::Product(ProductNode(product))))
    }
}

/// Text that is no id names nothing.
async fn find_product(asking: &Asking, id: &ID) -> Result<Option<Product>> {
    match id.parse() {
        Ok(id) => Ok(asking.product(id).await?),
        Err(_) => Ok(None),
    }
}

fn parse_filter(filter: ProductFilter) -> Result<Search, Problem> {
    let mut invalid = Invalid::new();
    let category = filter.category.as_ref();
    let category = category.map(|id| paging::parse_id(&mut invalid, "/filter/category", id));
    let supplier = filter.supplier.as_ref();
    let supplier = supplier.map(|id| paging::parse_id(&mut invalid, "/filter/supplier", id));
    let sku = filter.sku.as_ref();
    if sku.is_some_and(|sku| sku.chars().count() > MAX_SKU) {
        let text = Text::new(
            format!("Au plus {MAX_SKU} caractères"),
            format!("At most {MAX_SKU} characters"),
        );
        invalid.refuse("/filter/sku", text);
    }
    invalid.finish()?;
    Ok(Search {
        supplier_id: supplier.flatten(),
        sku: filter.sku,
        category_id: category.flatten(),
        below_minimum: filter.below_minimum.unwrap_or_default(),
        ..Search::default()
    })
}
