//! The rules of a payment.

use proptest::prelude::*;

use super::*;

fn payment() -> Payment {
    let now = Timestamp::from_unix_ms(0);
    let id = PaymentId::from_bytes([1; 16]);
    let order = OrderId::from_bytes([2; 16]);
    let client = UserId::from_bytes([3; 16]);
    Payment::new(
        id,
        order,
        client,
        Provider::Stripe,
        Money::eur(1000),
        Goods::default(),
        now,
    )
}

fn any_status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

fn after(reports: &[Status]) -> Payment {
    let mut payment = payment();
    for status in reports {
        let now = Timestamp::from_unix_ms(1);
        payment.take(Report::of(*status), now).unwrap();
    }
    payment
}

proptest! {
    #[test]
    fn reports_in_any_order_and_number_lead_to_the_same_status(
        reports in prop::collection::vec(any_status(), 0..12),
        seed in any::<u64>(),
    ) {
        let mut shuffled = [reports.clone(), reports.clone()].concat();
        shuffled.sort_by_key(|status| (*status as u64 + 1).wrapping_mul(seed | 1));
        prop_assert_eq!(after(&reports).status, after(&shuffled).status);
    }

    #[test]
    fn money_that_arrived_stays(
        before in prop::collection::vec(any_status(), 0..6),
        later in prop::collection::vec(any_status(), 0..6),
    ) {
        let reports = [before, vec![Status::Succeeded], later].concat();
        prop_assert_eq!(after(&reports).status, Status::Succeeded);
    }

    #[test]
    fn a_report_changes_a_payment_once(reports in prop::collection::vec(any_status(), 0..12)) {
        let mut payment = after(&reports);
        for status in reports {
            let version = payment.version;
            let changed = payment.take(Report::of(status), Timestamp::from_unix_ms(2)).unwrap();
            prop_assert!(!changed && payment.version == version);
        }
    }
}

#[test]
fn a_payment_that_failed_leaves_its_order_to_another() {
    let failed = after(&[Status::RequiresPayment, Status::Failed]);
    assert!(!failed.holds_order && failed.status.is_open());
    let late = after(&[Status::Failed, Status::Succeeded]);
    assert!(!late.holds_order && late.status == Status::Succeeded);
    assert!(after(&[Status::Succeeded]).holds_order);
}

#[test]
fn another_try_after_one_that_failed_counts_where_the_provider_says_so_now() {
    let report = |is_current| Report {
        is_current,
        ..Report::of(Status::Processing)
    };
    let now = Timestamp::from_unix_ms(1);
    let mut payment = after(&[Status::Failed]);
    assert_eq!(payment.take(report(false), now), Ok(false));
    assert_eq!(payment.take(report(true), now), Ok(true));
    assert_eq!(payment.status, Status::Processing);
    for status in [Status::Cancelled, Status::Succeeded] {
        let mut payment = after(&[status]);
        assert_eq!(payment.take(report(true), now), Ok(false), "{status:?}");
    }
}

#[test]
fn another_amount_is_not_believed() {
    let mut payment = payment();
    for told in [Money::eur(999), Money::eur(1001)] {
        let report = Report {
            amount: Some(told),
            ..Report::of(Status::Succeeded)
        };
        let refused = payment.take(report, Timestamp::from_unix_ms(1));
        assert!(matches!(refused, Err(Unbelievable::Amount { .. })));
    }
    assert_eq!(payment.status, Status::Pending);
}

#[test]
fn another_intent_is_not_believed() {
    let mut payment = payment();
    let report = |reference: &str, status| Report {
        reference: Some(reference.to_owned()),
        ..Report::of(status)
    };
    let now = Timestamp::from_unix_ms(1);
    let ours = report("pi_1", Status::RequiresPayment);
    assert_eq!(payment.take(ours, now), Ok(true));
    let other = payment.take(report("pi_2", Status::Succeeded), now);
    assert!(matches!(other, Err(Unbelievable::Reference { .. })));
    assert_eq!(payment.status, Status::RequiresPayment);
}

#[test]
fn names_survive_their_text() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
    for provider in [Provider::Stripe, Provider::Offline] {
        assert_eq!(provider.as_str().parse(), Ok(provider));
    }
}

#[test]
fn the_same_key_of_the_same_client_is_the_same_payment() {
    let client = |byte| UserId::from_bytes([byte; 16]);
    assert_eq!(derive_id(client(1), "a"), derive_id(client(1), "a"));
    assert_ne!(derive_id(client(1), "a"), derive_id(client(1), "b"));
    assert_ne!(derive_id(client(1), "a"), derive_id(client(2), "a"));
}
