//! Where a merchant delivers, and what it may name.

use commerce::AddressInput;
use invoice::Siren;

use super::*;

fn address(country: &str, postal_code: &str) -> Address {
    let input = AddressInput {
        name: "Zoé".into(),
        line1: "1 rue du Port".into(),
        line2: None,
        postal_code: postal_code.into(),
        city: "Ville".into(),
        country: country.into(),
    };
    input.parse().unwrap()
}

fn company() -> Company {
    Company::identified(Siren::new("732829320").ok(), None, None).unwrap()
}

fn named(codes: &[&str]) -> Result<DeliversTo, Vec<String>> {
    let mut invalid = Invalid::new();
    let codes = serde_json::from_value(serde_json::json!(codes)).unwrap();
    let parsed = DeliversTo::parse(Some(codes), &mut invalid);
    match invalid.finish() {
        Ok(()) => Ok(parsed.unwrap()),
        Err(problem) => Err(problem.pointers().map(str::to_owned).collect()),
    }
}

fn check(
    delivers_to: &DeliversTo,
    country: &str,
    postal_code: &str,
    company: Option<&Company>,
) -> &'static str {
    let destination = Destination::new(&address(country, postal_code), company).unwrap();
    match destination.check(MerchantId::Shop, delivers_to) {
        Ok(()) => "sold",
        Err(error) => Problem::from(error).code(),
    }
}

#[test]
fn who_names_no_country_delivers_to_metropolitan_france_and_monaco() {
    let default = DeliversTo::parse(None, &mut Invalid::new()).unwrap();
    for (country, postal_code) in [
        ("FR", "75011"),
        ("FR", "20000"),
        ("FR", "98000"),
        ("MC", "98000"),
    ] {
        assert_eq!(check(&default, country, postal_code, None), "sold");
        assert_eq!(
            check(&default, country, postal_code, Some(&company())),
            "sold"
        );
    }
    for (country, postal_code) in [
        ("FR", "97400"),
        ("RE", "97400"),
        ("FR", "98800"),
        ("US", "10001"),
        ("CH", "1201"),
        ("GB", "BT1 5GS"),
        ("DE", "10115"),
    ] {
        assert_eq!(
            check(&default, country, postal_code, None),
            "not-delivered-there",
            "{country} {postal_code}"
        );
    }
}

#[test]
fn a_country_is_named_without_the_territories_that_vat_leaves_out() {
    let wide = named(&["FR", "ES", "IT", "DE", "GR", "FI", "BE", "ES"]).unwrap();
    for (country, postal_code) in [
        ("ES", "28001"),
        ("IT", "20121"),
        ("DE", "10115"),
        ("BE", "1000"),
    ] {
        assert_eq!(
            check(&wide, country, postal_code, None),
            "sold",
            "{country}"
        );
    }
    for (country, postal_code) in [
        ("ES", "35001"),
        ("ES", "51001"),
        ("IT", "23041"),
        ("IT", "22061"),
        ("DE", "78266"),
        ("DE", "27498"),
        ("GR", "63086"),
        ("FI", "22100"),
        ("MC", "98000"),
        ("FR", "97100"),
    ] {
        assert_eq!(
            check(&wide, country, postal_code, None),
            "not-delivered-there",
            "{country} {postal_code}"
        );
    }
}

#[test]
fn a_company_outside_france_is_not_sold_to_with_french_vat() {
    let wide = named(&["FR", "MC", "BE"]).unwrap();
    assert_eq!(check(&wide, "BE", "1000", None), "sold");
    assert_eq!(
        check(&wide, "BE", "1000", Some(&company())),
        "company-abroad"
    );
}

#[test]
fn only_countries_where_french_vat_can_be_right_are_named() {
    assert_eq!(named(&["FR", "US"]).unwrap_err(), ["/delivers_to/1"]);
    assert_eq!(named(&["RE", "XX", "fr", "CH"]).unwrap_err().len(), 4);
    assert_eq!(named(&[]).unwrap_err(), ["/delivers_to"]);
    assert!(serde_json::from_value::<Codes>(serde_json::json!(vec!["FR"; 29])).is_err());
    assert_eq!(
        serde_json::to_value(named(&["MC", "FR"]).unwrap()).unwrap(),
        serde_json::json!(["FR", "MC"])
    );
}
