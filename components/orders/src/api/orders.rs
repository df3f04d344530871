//! Reading orders: a client sees its own, a seller those with its lines (and only those lines), an admin
//! all. To anybody else there is no such order.

use axum::extract::State;
use commerce::OrderId;
use db::Db;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Caller, List, Page, Path, Problem, Resource, Role, clock};

use crate::order::{Order, OrderBody};
use crate::store::orders::{self, Whose};

/// The caller's orders, from the newest. A page of large orders is shorter than it was asked for: `next_cursor` says
/// whether there are more.
#[utoipa::path(get, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(PageQuery), responses((status = 200, body = ListBody<OrderBody>), Refusals))]
pub async fn list(
    caller: Caller,
    page: Page<u64>,
    State(db): State<Db>,
) -> Result<List<Order>, Problem> {
    let whose = match caller.role {
        Role::Client => Whose::Client(caller.user),
        Role::Seller => Whose::Seller(caller.user),
        Role::Admin => Whose::Everybody,
        Role::Supplier => return Err(Problem::forbidden()),
    };
    let (found, is_cut) = orders::list(&db, whose, page.after, page.rows()).await?;
    let seen = found
        .into_iter()
        .map(|order| as_seen(order, caller)?.ok_or_else(Problem::not_found))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.list_of(seen, is_cut, |order| order.order_number))
}

/// One order, as far as the caller may see it.
#[utoipa::path(get, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderBody), Refusals))]
pub async fn show(
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Resource<Order>, Problem> {
    let order = find(&db, id, caller).await?;
    Ok(Resource {
        version: order.version,
        body: order,
    })
}

/// The order as the caller may see it.
pub async fn find(db: &Db, id: OrderId, caller: Caller) -> Result<Order, Problem> {
    let order = orders::find(db, id).await?.ok_or_else(Problem::not_found)?;
    as_seen(order, caller)?.ok_or_else(Problem::not_found)
}

/// What a caller sees of an order, if anything, as it stands at this moment.
pub fn as_seen(mut order: Order, caller: Caller) -> Result<Option<Order>, Problem> {
    order.life = order.life_at(clock::now());
    match caller.role {
        Role::Admin => Ok(Some(order)),
        Role::Client => Ok(Some(order).filter(|order| order.client_id == caller.user)),
        Role::Seller => {
            let part = order.of_seller(caller.user).map_err(Problem::internal)?;
            Ok(Some(part).filter(|part| !part.lines.is_empty()))
        }
        Role::Supplier => Ok(None),
    }
}
