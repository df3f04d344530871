//! Who sells a line, and what an identity must say.

use commerce::{ItemId, Money, Quantity, VatRate};

use uuid::Uuid;

use super::*;

fn seller(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn identity(prefix: &str) -> serde_json::Value {
    serde_json::json!({
        "address": {
            "name": "Œillets & Cie", "line1": "3 quai de la Fosse", "line2": null,
            "postal_code": "44000", "city": "Nantes", "country": "FR",
        },
        "legal_form": "SAS",
        "siren": "732829320",
        "vat_number": "FR44732829320",
        "email": "bonjour@oeillets.example",
        "invoice_prefix": prefix,
        "credit_note_prefix": "A-",
    })
}

fn parse(identity: serde_json::Value) -> Result<Identity, Vec<String>> {
    let mut invalid = service::Invalid::new();
    let input: IdentityInput = serde_json::from_value(identity).unwrap();
    let parsed = input.parse(None, &mut invalid);
    match invalid.finish() {
        Ok(()) => Ok(parsed.unwrap()),
        Err(problem) => Err(problem.pointers().map(str::to_owned).collect()),
    }
}

fn merchant(id: MerchantId, prefix: &str) -> Merchant {
    Merchant {
        id,
        identity: parse(identity(prefix)).unwrap(),
        logo: None,
    }
}

fn line(seller_id: UserId) -> Line {
    Line {
        item_id: ItemId::from_uuid(Uuid::from_u128(9)),
        name: "Thé".into(),
        seller_id,
        unit_price: Money::eur(100),
        vat_rate: VatRate::STANDARD,
        quantity: Quantity::ONE,
        line_total: Money::eur(100),
    }
}

#[test]
fn sellers_without_an_identity_sell_in_the_name_of_the_shop() {
    let own = MerchantId::Seller(seller(2));
    let merchants = Merchants::new(vec![merchant(MerchantId::Shop, "F-"), merchant(own, "E-")]);
    let lines = [1, 2, 3, 2].map(|number| line(seller(number)));
    let shares = merchants.share(&lines).unwrap();
    let shares: Vec<_> = shares.into_iter().map(|(one, of)| (one.id, of)).collect();
    // By prefix, so that whoever issues several papers takes their series in the same order.
    assert_eq!(shares, [(own, vec![1, 3]), (MerchantId::Shop, vec![0, 2])]);
    let own_only = Merchants::new(vec![merchant(own, "E-")]);
    assert!(own_only.of(seller(2)).is_ok());
    assert_eq!(own_only.of(seller(1)).unwrap_err(), NotSetUp);
}

#[test]
fn an_identity_says_what_the_law_wants() {
    assert_eq!(parse(identity("F-")).unwrap().payment_days, 30);
    let mut franchise = identity("F-");
    franchise["vat_number"] = serde_json::Value::Null;
    assert_eq!(parse(franchise.clone()).unwrap_err(), ["/vat_number"]);
    franchise["vat"] = "franchise".into();
    assert!(parse(franchise).is_ok());
    for (field, value, pointer) in [
        ("siren", "732829321".into(), "/siren"),
        ("email", "nobody".into(), "/email"),
        ("invoice_prefix", "A-".into(), "/credit_note_prefix"),
        ("invoice_prefix", "F1".into(), "/invoice_prefix"),
        ("iban", "FR7630006000011234567890188".into(), "/iban"),
        ("payment_days", 61.into(), "/payment_days"),
        ("legal_form", " ".into(), "/legal_form"),
        (
            "capital",
            serde_json::json!({ "amount": 0, "currency": "EUR" }),
            "/capital/amount",
        ),
        (
            "late_payment",
            serde_json::json!({ "fr": "", "en": "None" }),
            "/late_payment/fr",
        ),
    ] {
        let mut wrong = identity("F-");
        wrong[field] = value;
        assert_eq!(parse(wrong).unwrap_err(), [pointer], "{field}");
    }
    let mut spaced = identity("F-");
    spaced["iban"] = "FR76 3000 6000 0112 3456 7890 189".into();
    let iban = parse(spaced).unwrap().iban;
    assert_eq!(iban.as_deref(), Some("FR7630006000011234567890189"));
}

#[test]
fn a_sellers_prefixes_are_the_shops_to_give() {
    use crate::domain::registration::Prefixes;
    let given = Prefixes::of_seller(7).unwrap();
    let prefix = |invoices: serde_json::Value| {
        let mut identity = identity("F-");
        identity["invoice_prefix"] = invoices;
        identity["credit_note_prefix"] = serde_json::Value::Null;
        let input: IdentityInput = serde_json::from_value(identity).unwrap();
        let mut invalid = service::Invalid::new();
        let parsed = input.parse(Some(&given), &mut invalid);
        invalid.finish().map(|()| parsed.unwrap().invoice_prefix)
    };
    assert_eq!(prefix(serde_json::Value::Null).unwrap().as_str(), "V7F-");
    assert_eq!(prefix("V7F-".into()).unwrap().as_str(), "V7F-");
    for other in ["F-", "V8F-"] {
        assert!(prefix(other.into()).is_err(), "{other}");
    }
    let mut shops = identity("V7F-");
    assert_eq!(parse(shops.clone()).unwrap_err(), ["/invoice_prefix"]);
    shops["invoice_prefix"] = serde_json::Value::Null;
    assert_eq!(parse(shops).unwrap_err(), ["/invoice_prefix"]);
}
