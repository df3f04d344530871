//! The GraphQL schema: what suppliers ask for, and how it is found. Everything of a request is in [`Asking`],
//! so the schema itself is made once an instance.

mod date_time;
mod delivery;
mod mutation;
pub mod paging;
mod product;
mod purchase_order;
mod query;
#[cfg(test)]
mod relay;

use std::sync::Arc;

use async_graphql::{EmptySubscription, Interface, SDLExportOptions, Schema};
use commerce::{ItemId, UserId};
use db::Db;
use service::{Author, Context, Problem};

use crate::access::Access;
use crate::catalog::{Catalog, Product};
use crate::key::Scope;
use crate::limits::DEPTH;
use crate::loader::{Loader, OfCatalog};
use mutation::Mutation;
use product::ProductNode;
use purchase_order::PurchaseOrderNode;
use query::Query;

pub type SupplierSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema, which is the same for everybody.
pub fn schema() -> SupplierSchema {
    Schema::build(Query, Mutation, EmptySubscription)
        // To find what an unknown name is like costs more than the rest of the validation.
        .disable_suggestions()
        .limit_recursive_depth(2 * DEPTH)
        .finish()
}

/// The schema as text, in the schema definition language.
pub fn document() -> String {
    let options = SDLExportOptions::new()
        .include_specified_by()
        .prefer_single_line_descriptions();
    schema().sdl_with_options(options)
}

/// Something that has an id of its own, and can be asked for again by it.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "async_graphql::ID",
    desc = "The same id as in the other APIs of the shop."
))]
pub enum Node {
    Product(ProductNode),
    PurchaseOrder(PurchaseOrderNode),
}

/// One request: who asks, and where answers come from.
pub struct Asking {
    pub access: Access,
    pub context: Context,
    pub db: Db,
    pub catalog: Catalog,
    loader: Loader<OfCatalog>,
}

impl Asking {
    pub fn new(access: Access, context: Context, db: Db, catalog: Catalog) -> Self {
        let source = OfCatalog {
            catalog: catalog.clone(),
            context: context.clone(),
        };
        Self {
            access,
            context,
            db,
            catalog,
            loader: Loader::new(source),
        }
    }

    /// The request, for whoever reads.
    pub fn reading<'a>(context: &async_graphql::Context<'a>) -> Result<&'a Self, Problem> {
        let asking = Self::of(context)?;
        asking.access.check(Scope::Read)?;
        Ok(asking)
    }

    /// The request of a supplier who does something, with who that is.
    pub fn acting<'a>(
        context: &async_graphql::Context<'a>,
        scope: Scope,
    ) -> Result<(&'a Self, UserId), Problem> {
        let asking = Self::of(context)?;
        let supplier = asking.access.supplier(scope)?;
        Ok((asking, supplier))
    }

    /// The request of somebody who runs the shop.
    pub fn running<'a>(context: &async_graphql::Context<'a>) -> Result<&'a Self, Problem> {
        let asking = Self::of(context)?;
        asking.access.admin()?;
        Ok(asking)
    }

    fn of<'a>(context: &async_graphql::Context<'a>) -> Result<&'a Self, Problem> {
        let asking = context.data_opt::<Self>();
        asking.ok_or_else(|| Problem::internal("a request without anybody who asks"))
    }

    /// In whose name is written.
    pub fn author(&self) -> Author {
        self.access.author(&self.context)
    }

    /// The product, if there is one that who asks may see. All that a level of the query wants are asked for
    /// at once.
    pub async fn product(&self, id: ItemId) -> Result<Option<Product>, Arc<Problem>> {
        let found = self.loader.load(id).await?;
        let only = self.access.only();
        Ok(found.filter(|product| only.is_none() || product.supplier_id == only))
    }

    /// Notes products that came in a page.
    pub fn keep(&self, products: &[Product]) {
        self.loader.put(products);
    }
}
