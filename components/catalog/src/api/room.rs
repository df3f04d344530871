//! How much of an item there may be.

use commerce::Text;
use service::Problem;

use crate::item::Item;

/// Refuses more pieces than can be counted and paid for.
pub fn check_room(item: &Item, added: i64) -> Result<(), Problem> {
    let (after, most) = (item.on_hand.saturating_add(added), item.most_pieces());
    if added < 0 || after <= most {
        return Ok(());
    }
    let title = Text::new(
        format!("À ce prix, le stock d’un article compte au plus {most} unités"),
        format!("At this price, an item has at most {most} units in stock"),
    );
    Err(Problem::conflict("stock-too-large", title).with("most", most))
}
