//! Reading orders: a customer sees their own, a seller those with their lines (and only their part), an admin
//! all. To anybody else there is no such order.

use axum::extract::State;
use commerce::{BoundedText, Email, Money, OrderId, Text, UserId};
use db::Db;
use invoice::Day;
use serde::Deserialize;
use service::openapi::Refusals;
use service::page::{ListBody, PageQuery};
use service::{Caller, Invalid, List, Page, Path, Problem, Query, Resource, Role, clock};

use super::invoices::no_day;

use crate::domain::order_view::Sight;
use crate::life::Status;
use crate::order::{Order, OrderBody};
use crate::store::order_list::{self, Filter};
use crate::store::orders::{self, Whose};
use crate::store::refunds;

/// The largest number that is asked for: every reader of JSON keeps it as it is (RFC 8259 §6).
const MAX_NUMBER: u64 = 9_007_199_254_740_991;

/// Which orders are listed.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The one with this number.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    number: Option<u64>,
    /// Those that are shown with this status.
    status: Option<Status>,
    /// For admins: those whose news go there.
    #[param(value_type = Option<String>, format = "idn-email", max_length = 254)]
    email: Option<BoundedText<254>>,
    /// For admins: those of this customer.
    customer_id: Option<UserId>,
    /// Placed from this day, in Paris: `2026-11-01`.
    #[param(value_type = Option<String>, min_length = 10, max_length = 10, example = "2026-11-01", format = Date)]
    from: Option<BoundedText<10>>,
    /// Until this day.
    #[param(value_type = Option<String>, min_length = 10, max_length = 10, example = "2026-11-30", format = Date)]
    to: Option<BoundedText<10>>,
}

/// The caller's orders, from the newest. A page of large orders is shorter than it was asked for: `next_cursor` says
/// whether there are more.
#[utoipa::path(get, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(PageQuery, Wanted), responses((status = 200, body = ListBody<OrderBody>), Refusals))]
pub async fn list(
    caller: Caller,
    page: Page<u64>,
    Query(wanted): Query<Wanted>,
    State(db): State<Db>,
) -> Result<List<OrderBody>, Problem> {
    let whose = match caller.role {
        Role::Client => Whose::Client(caller.user),
        Role::Seller => Whose::Seller(caller.user),
        Role::Admin => Whose::Everybody,
        Role::Supplier => return Err(Problem::forbidden()),
    };
    let filter = parse(wanted, caller)?;
    let (rows, now) = (page.rows(), clock::now());
    let (found, is_cut) = order_list::list(&db, whose, &filter, page.after, (rows, now)).await?;
    let numbers: Vec<u64> = found.iter().map(|order| order.order_number).collect();
    let seen = view_all(&db, found, caller).await?;
    let rows = numbers.into_iter().zip(seen).collect();
    let list = page.list_of(rows, is_cut, |(number, _)| *number);
    let is_wanted = |order: &OrderBody| filter.status.is_none_or(|status| order.is(status));
    Ok(list.filter_map(|(_, order)| Some(order).filter(is_wanted)))
}

/// Whom an order is of is for admins to ask: to anybody else, an answer would tell it.
fn parse(wanted: Wanted, caller: Caller) -> Result<Filter, Problem> {
    let asks_for_people = wanted.email.is_some() || wanted.customer_id.is_some();
    if asks_for_people && caller.role != Role::Admin {
        return Err(Problem::forbidden());
    }
    let mut invalid = Invalid::new();
    if wanted.number.is_some_and(|number| number > MAX_NUMBER) {
        let text = Text::new(
            format!("De 0 à {MAX_NUMBER}"),
            format!("From 0 to {MAX_NUMBER}"),
        );
        invalid.refuse_parameter("number", text);
    }
    let email = wanted
        .email
        .and_then(|email| invalid.check_parameter("email", Email::parse(&email)));
    let mut day = |name: &str, text: Option<BoundedText<10>>| {
        let day = text?.parse::<Day>().map_err(|_| no_day());
        invalid.check_parameter(name, day)
    };
    let (from, to) = (day("from", wanted.from), day("to", wanted.to));
    invalid.finish()?;
    Ok(Filter {
        number: wanted.number,
        status: wanted.status,
        email: email.map(|email| email.as_str().to_owned()),
        customer: wanted.customer_id,
        from: from.map(Day::begins_at),
        to: to.map(|last| last.plus_days(1).begins_at()),
    })
}

/// One order, as far as the caller may see it.
#[utoipa::path(get, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = OrderId, Path)), responses((status = 200, body = OrderBody), Refusals))]
pub async fn show(
    caller: Caller,
    Path(id): Path<OrderId>,
    State(db): State<Db>,
) -> Result<Resource<OrderBody>, Problem> {
    let order = orders::find(&db, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    view(&db, order, caller).await
}

/// The order as far as the caller may see it.
pub async fn view(db: &Db, order: Order, caller: Caller) -> Result<Resource<OrderBody>, Problem> {
    let version = order.version;
    let body = view_all(db, vec![order], caller).await?.pop();
    Ok(Resource {
        version,
        body: body.ok_or_else(Problem::not_found)?,
    })
}

/// Orders as far as the caller may see them, as they stand at this moment; to anybody else there are none.
async fn view_all(db: &Db, orders: Vec<Order>, caller: Caller) -> Result<Vec<OrderBody>, Problem> {
    let sights: Vec<Sight> = orders
        .iter()
        .map(|order| order.sight(caller.into()).ok_or_else(Problem::not_found))
        .collect::<Result<_, _>>()?;
    let is_part = |(order, sight): &(&Order, &Sight)| {
        matches!(sight, Sight::Part(_)) && order.life.refunded.amount() > 0
    };
    let parts = orders.iter().zip(&sights).filter(is_part);
    let ids: Vec<OrderId> = parts.map(|(order, _)| order.id).collect();
    let refunded = refunds::refunded_to(db, caller.user, &ids).await?;
    let now = clock::now();
    let see = |(order, sight): (Order, Sight)| {
        let zero = Money::zero(order.totals.gross.currency());
        let back = refunded.get(&order.id).copied().unwrap_or(zero);
        order.seen(sight, back, now).map(OrderBody::from)
    };
    let seen = orders.into_iter().zip(sights).map(see);
    seen.collect::<Result<_, _>>().map_err(Problem::internal)
}
