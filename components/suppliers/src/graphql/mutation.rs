//! What can be done.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use commerce::{PurchaseOrderId, UserId};
use service::{Invalid, Problem};

use super::Asking;
use super::delivery::{RestockInput, RestockNode, RestockPayload};
use super::purchase_order::PurchaseOrderNode;
use crate::key::Scope;
use crate::purchase_order::{ShippingWord, Step};
use crate::{ordering, restocking};

/// A purchase order to be confirmed, approved or cancelled.
#[derive(Debug, InputObject)]
pub struct PurchaseOrderInput {
    purchase_order_id: ID,
}

/// A purchase order whose goods are on their way.
#[derive(Debug, InputObject)]
pub struct ShipPurchaseOrderInput {
    purchase_order_id: ID,
    /// Up to 100 characters.
    carrier: Option<String>,
    /// Up to 100 characters.
    tracking_number: Option<String>,
}

/// A purchase order as it is now.
#[derive(SimpleObject)]
pub struct PurchaseOrderPayload {
    purchase_order: PurchaseOrderNode,
}

pub struct Mutation;

/// What can be done. Asked for again, it is answered again and changes nothing.
#[Object]
impl Mutation {
    /// Adds a delivery to the stock: every line or none, once for each reference.
    async fn restock(
        &self,
        context: &Context<'_>,
        input: RestockInput,
    ) -> Result<Option<RestockPayload>> {
        let (asking, supplier) = Asking::acting(context, Scope::Restock)?;
        let delivery = input.parse(supplier)?;
        let Asking {
            db,
            catalog,
            context,
            ..
        } = asking;
        let author = asking.author();
        let told = restocking::restock(db, catalog, context, &author, &delivery).await?;
        Ok(Some(RestockPayload {
            restock: RestockNode(told.restock),
            replayed: !told.is_first,
            purchase_order: told.order.map(PurchaseOrderNode),
        }))
    }

    /// Says that a purchase order which was approved will be delivered.
    async fn confirm_purchase_order(
        &self,
        context: &Context<'_>,
        input: PurchaseOrderInput,
    ) -> Result<Option<PurchaseOrderPayload>> {
        let (asking, supplier) = Asking::acting(context, Scope::PurchaseOrders)?;
        step(
            asking,
            Some(supplier),
            &input.purchase_order_id,
            &Step::Confirm,
        )
        .await
    }

    /// Says that the goods of a confirmed purchase order are on their way.
    async fn ship_purchase_order(
        &self,
        context: &Context<'_>,
        input: ShipPurchaseOrderInput,
    ) -> Result<Option<PurchaseOrderPayload>> {
        let (asking, supplier) = Asking::acting(context, Scope::PurchaseOrders)?;
        let ship = parse_shipping(&input)?;
        step(asking, Some(supplier), &input.purchase_order_id, &ship).await
    }

    /// For admins: asks the supplier for what a draft has gathered.
    async fn approve_purchase_order(
        &self,
        context: &Context<'_>,
        input: PurchaseOrderInput,
    ) -> Result<Option<PurchaseOrderPayload>> {
        let asking = Asking::running(context)?;
        step(asking, None, &input.purchase_order_id, &Step::Approve).await
    }

    /// For admins: takes a purchase order back that was not shipped.
    async fn cancel_purchase_order(
        &self,
        context: &Context<'_>,
        input: PurchaseOrderInput,
    ) -> Result<Option<PurchaseOrderPayload>> {
        let asking = Asking::running(context)?;
        step(asking, None, &input.purchase_order_id, &Step::Cancel).await
    }
}

async fn step(
    asking: &Asking,
    supplier: Option<UserId>,
    id: &ID,
    step: &Step,
) -> Result<Option<PurchaseOrderPayload>> {
    let id: PurchaseOrderId = id.parse().map_err(|_| Problem::not_found())?;
    let author = asking.author();
    let order = ordering::step(&asking.db, &author, supplier, id, step).await?;
    Ok(Some(PurchaseOrderPayload {
        purchase_order: PurchaseOrderNode(order),
    }))
}

fn parse_shipping(input: &ShipPurchaseOrderInput) -> Result<Step, Problem> {
    let mut invalid = Invalid::new();
    let mut word = |pointer: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(ShippingWord::parse);
        let word = parsed.and_then(|parsed| invalid.check(pointer, parsed));
        word.map(|word| word.as_str().to_owned())
    };
    let carrier = word("/input/carrier", &input.carrier);
    let tracking_number = word("/input/trackingNumber", &input.tracking_number);
    invalid.finish()?;
    Ok(Step::Ship {
        carrier,
        tracking_number,
    })
}
