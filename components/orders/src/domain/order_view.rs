//! What a viewer sees of an order: everything for its customer, for whoever sells all of it and for admins; for
//! a seller of some of its lines those lines, what they come to, what went back of it, and what it takes to
//! ship them. Nothing of an order leaves the service but by way of this.

use commerce::totals::{self, BillError, Line as TotalsLine, Reduction, Sale};
use commerce::{MerchantId, Money, Timestamp, UserId};
use service::Viewer;

use crate::life::Life;
use crate::order::{self, Order};

/// How much of an order a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Whole,
    /// What this seller sells of it.
    Part(UserId),
}

/// An order as far as a viewer sees it.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// With the lines, the totals and the life that the viewer sees.
    pub order: Order,
    /// What codes take off these lines.
    pub discount: Option<Reduction>,
    /// What shipping these lines costs, VAT included.
    pub shipping: Money,
    /// Whether the viewer bills the buyer, and so knows whom.
    pub shows_buyer: bool,
}

impl Order {
    /// How much of the order a viewer sees, if anything.
    pub fn sight(&self, viewer: Viewer) -> Option<Sight> {
        let sells = |seller| self.lines.iter().any(|line| line.seller_id == seller);
        match viewer {
            Viewer::Admin => Some(Sight::Whole),
            Viewer::Customer(customer) => (customer == self.client_id).then_some(Sight::Whole),
            Viewer::Seller(seller) if !sells(seller) => None,
            Viewer::Seller(seller) if self.is_all_from(seller) => Some(Sight::Whole),
            Viewer::Seller(seller) => Some(Sight::Part(seller)),
            Viewer::Outsider => None,
        }
    }

    /// The order as it is seen at this moment. `refunded` is what went back of the part of a seller who sees no
    /// more than that.
    pub fn seen(
        mut self,
        sight: Sight,
        refunded: Money,
        now: Timestamp,
    ) -> Result<OrderView, BillError> {
        self.life = self.life_at(now);
        match sight {
            Sight::Whole => Ok(OrderView::whole(self)),
            Sight::Part(seller) => self.part_of(seller, refunded),
        }
    }

    fn part_of(mut self, seller: UserId, refunded: Money) -> Result<OrderView, BillError> {
        let is_own = |position: usize| {
            let line = self.lines.get(position);
            line.is_some_and(|line| line.seller_id == seller)
        };
        let lines: Vec<TotalsLine> = self.lines.iter().map(TotalsLine::from).collect();
        let share = totals::share(&self.known_sales(), &lines, is_own)?;
        let shows_buyer = self.sales.iter().any(|sale| sale.is_all_of(is_own));
        self.lines.retain(|line| line.seller_id == seller);
        self.life = Life {
            total: share.totals.gross,
            refunded,
            ..self.life
        };
        self.totals = share.totals;
        Ok(OrderView {
            order: self,
            discount: share.discount,
            shipping: share.shipping,
            shows_buyer,
        })
    }

    /// Who sells which lines; where that was not kept, the shop sells all of them.
    pub fn known_sales(&self) -> Vec<Sale> {
        match self.sales.is_empty() {
            true => vec![Sale::of(MerchantId::Shop, (0..self.lines.len()).collect())],
            false => self.sales.clone(),
        }
    }

    /// Whether what this merchant sells of the order is on papers that a viewer sees: nobody else's lines are.
    pub fn shows_papers_of(&self, merchant: MerchantId, sight: Sight) -> bool {
        let Sight::Part(seller) = sight else {
            return true;
        };
        let is_own = |position: usize| {
            let line = self.lines.get(position);
            line.is_some_and(|line| line.seller_id == seller)
        };
        let sales = self.known_sales();
        let mut of_merchant = sales.iter().filter(|sale| sale.merchant == merchant);
        let any = of_merchant.clone().next().is_some();
        any && of_merchant.all(|sale| sale.is_all_of(is_own))
    }
}

impl OrderView {
    /// The order as whoever sees all of it does.
    pub fn whole(order: Order) -> Self {
        Self {
            discount: order::discount(&order.sales),
            shipping: order::shipping(&order.sales, &order.totals),
            shows_buyer: true,
            order,
        }
    }
}

#[cfg(test)]
mod tests {
    use commerce::totals::Charge;
    use commerce::{ItemId, Quantity, VatRate};

    use super::*;
    use crate::life::Status;
    use crate::order::Line;
    use crate::order::tests::order;

    const NOW: Timestamp = Timestamp::from_unix_ms(5_000);

    fn user(byte: u8) -> UserId {
        UserId::from_bytes([byte; 16])
    }

    fn line(seller: u8, amount: i64) -> Line {
        Line {
            item_id: ItemId::from_bytes([seller; 16]),
            name: format!("Article {seller}"),
            seller_id: user(seller),
            unit_price: Money::eur(amount),
            vat_rate: VatRate::STANDARD,
            quantity: Quantity::ONE,
            line_total: Money::eur(amount),
        }
    }

    /// The shop sells for 2 and 5, and ships; 6 sells and ships in their own name.
    fn shared() -> Order {
        let fee = |amount| {
            Some(Charge {
                amount: Money::eur(amount),
                vat_rate: Some(VatRate::STANDARD),
            })
        };
        let mut order = order();
        order.lines = vec![line(2, 1_000), line(5, 3_000), line(6, 500)];
        order.sales = vec![
            Sale {
                discount: Some(Reduction {
                    code: "DIX".into(),
                    amount: Money::eur(400),
                }),
                shipping: fee(490),
                ..Sale::of(MerchantId::Shop, vec![0, 1])
            },
            Sale {
                shipping: fee(700),
                ..Sale::of(MerchantId::Seller(user(6)), vec![2])
            },
        ];
        order.totals = order::total(&order.lines, &order.sales).unwrap();
        order.life = Life::new(order.totals.gross);
        order
    }

    fn part(seller: u8, refunded: i64) -> OrderView {
        let order = shared();
        let sight = order.sight(Viewer::Seller(user(seller))).unwrap();
        assert_eq!(sight, Sight::Part(user(seller)));
        order.seen(sight, Money::eur(refunded), NOW).unwrap()
    }

    #[test]
    fn a_seller_sees_their_lines_and_their_part_of_money() {
        let view = part(2, 0);
        assert_eq!(view.order.lines, [line(2, 1_000)]);
        // A tenth off, and shipping is shared with somebody else's lines.
        assert_eq!(view.order.totals.gross, Money::eur(900));
        assert_eq!(view.discount.unwrap().amount, Money::eur(100));
        assert_eq!((view.shipping, view.shows_buyer), (Money::eur(0), false));
        let own = part(6, 0);
        assert_eq!(own.order.totals.gross, Money::eur(1_200));
        assert_eq!((own.shipping, own.shows_buyer), (Money::eur(700), true));
        assert_eq!(own.discount, None);
    }

    #[test]
    fn a_seller_sees_of_refunds_what_is_theirs() {
        let mut order = shared();
        order.life.paid = true;
        order.life.stage = crate::life::Stage::Paid;
        order.life.refunded = Money::eur(3_000);
        let seen = |seller, refunded| {
            let sight = Sight::Part(user(seller));
            let view = order.clone().seen(sight, Money::eur(refunded), NOW);
            view.unwrap().order.life.status()
        };
        assert_eq!(seen(2, 0), Status::Paid);
        assert_eq!(seen(2, 100), Status::PartiallyRefunded);
        assert_eq!(seen(2, 900), Status::Refunded);
        assert_eq!(order.life.status(), Status::PartiallyRefunded);
    }

    #[test]
    fn papers_are_for_those_whose_lines_alone_are_on_them() {
        let order = shared();
        let sight = |seller| Sight::Part(user(seller));
        let own = MerchantId::Seller(user(6));
        assert!(order.shows_papers_of(own, sight(6)));
        assert!(!order.shows_papers_of(MerchantId::Shop, sight(6)));
        assert!(!order.shows_papers_of(MerchantId::Shop, sight(2)));
        assert!(!order.shows_papers_of(own, sight(2)));
        assert!(order.shows_papers_of(own, Sight::Whole));
    }

    #[test]
    fn an_order_is_nobodys_who_has_no_part_in_it() {
        let order = shared();
        assert_eq!(order.sight(Viewer::Seller(user(7))), None);
        assert_eq!(order.sight(Viewer::Customer(user(2))), None);
        assert_eq!(order.sight(Viewer::Outsider), None);
        let customer = Viewer::Customer(order.client_id);
        assert_eq!(order.sight(customer), Some(Sight::Whole));
    }
}
