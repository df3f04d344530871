//! Which territory an address is in.

use super::*;
use crate::address::AddressInput;
use crate::language::Language;

fn find(country: &str, postal_code: &str) -> Result<&'static str, UnclearTerritory> {
    let address = AddressInput {
        name: "Zoé".into(),
        line1: "1 rue du Port".into(),
        line2: None,
        postal_code: postal_code.into(),
        city: "Ville".into(),
        country: country.into(),
    };
    Territory::of(&address.parse().unwrap()).map(Territory::code)
}

#[test]
fn overseas_france_is_known_by_its_postal_code_and_by_its_country_code() {
    for (postal_code, code) in [
        ("97100", "GP"),
        ("97200", "MQ"),
        ("97300", "GF"),
        ("97400", "RE"),
        ("97490", "RE"),
        ("97500", "PM"),
        ("97600", "YT"),
        ("97133", "BL"),
        ("97150", "MF"),
        ("97700", "BL"),
        ("97800", "MF"),
        ("98400", "TF"),
        ("98600", "WF"),
        ("98714", "PF"),
        ("98800", "NC"),
        ("98900", "FR-OVERSEAS"),
        ("97900", "FR-OVERSEAS"),
        ("96000", "FR-OVERSEAS"),
        ("99123", "FR-OVERSEAS"),
        ("00200", "FR-ARMY"),
    ] {
        assert_eq!(find("FR", postal_code), Ok(code), "{postal_code}");
        assert_eq!(find("MC", postal_code), Ok(code), "MC {postal_code}");
    }
    for code in [
        "GP", "MQ", "GF", "RE", "PM", "YT", "BL", "MF", "TF", "WF", "PF", "NC",
    ] {
        assert_eq!(find(code, "75011"), Ok(code));
    }
}

#[test]
fn every_other_french_postal_code_is_metropolitan_and_monaco_is_monaco() {
    for department in 1..=95 {
        let code = format!("{department:02}000");
        assert_eq!(find("FR", &code), Ok("FR"), "{code}");
    }
    for code in ["98000", "98020", "98099"] {
        assert_eq!(find("FR", code), Ok("MC"));
        assert_eq!(find("MC", code), Ok("MC"));
    }
    assert_eq!(find("MC", "MC-98000"), Ok("MC"));
    assert_eq!(find("MC", "-"), Ok("MC"));
    // Who writes Monaco beside a French postal code is where the parcel goes.
    assert_eq!(find("MC", "06240"), Ok("FR"));
    assert!(find("MC", "9800").is_err());
}

#[test]
fn what_the_vat_area_leaves_out_is_none_of_its_country() {
    for (country, postal_code, code) in [
        ("ES", "35001", "ES-CN"),
        ("ES", "E-38001", "ES-CN"),
        ("ES", "51001", "ES-CE"),
        ("ES", "52006", "ES-ML"),
        ("ES", "28001", "ES"),
        ("ES", "07001", "ES"),
        ("IT", "23041", "IT-LIVIGNO"),
        ("IT", "I-22061", "IT-CAMPIONE"),
        ("IT", "47890", "SM"),
        ("IT", "00120", "VA"),
        ("IT", "00118", "IT"),
        ("DE", "78266", "DE-BUSINGEN"),
        ("DE", "D-27498", "DE-HELIGOLAND"),
        ("DE", "10115", "DE"),
        ("FI", "22100", "AX"),
        ("FI", "FI-22100", "AX"),
        ("FI", "AX-22340", "AX"),
        ("FI", "00100", "FI"),
        ("AX", "22100", "AX"),
        ("GR", "630 86", "GR-69"),
        ("GR", "105 57", "GR"),
        ("DK", "100", "FO"),
        ("DK", "FO-160", "FO"),
        ("DK", "3900", "GL"),
        ("DK", "1050", "DK"),
        ("GB", "bt1 5gs", "XI"),
        ("GB", "JE2 3AB", "JE"),
        ("GB", "SW1A 1AA", "GB"),
        ("PT", "9000-001", "PT"),
        ("BE", "1000", "BE"),
    ] {
        assert_eq!(
            find(country, postal_code),
            Ok(code),
            "{country} {postal_code}"
        );
    }
}

#[test]
fn where_taxes_depend_on_the_postal_code_it_must_be_one() {
    for (country, postal_code) in [
        ("ES", "3500"),
        ("ES", "Las Palmas"),
        ("ES", "３５００１"),
        ("IT", "230411"),
        ("DE", "Helgoland"),
        ("FI", "Mariehamn"),
        ("GR", "Karyes"),
        ("DK", "Tórshavn"),
    ] {
        assert!(
            find(country, postal_code).is_err(),
            "{country} {postal_code}"
        );
    }
    assert_eq!(find("IE", "D02 X285"), Ok("IE"));
}

#[test]
fn only_where_french_vat_can_be_right_can_it_be_charged() {
    let can = |code: &str| can_bear_french_vat(code.parse().unwrap());
    for code in ["FR", "MC", "BE", "DE", "GR", "ES"] {
        assert!(can(code), "{code}");
    }
    for code in [
        "US", "CH", "GB", "RE", "GP", "NC", "AX", "AD", "SM", "VA", "NO", "IM", "GI",
    ] {
        assert!(!can(code), "{code}");
    }
}

#[test]
fn people_read_the_name_of_the_territory() {
    let territory = special::find(Country::FRANCE, "97400").unwrap();
    assert_eq!(territory.name().in_language(Language::French), "La Réunion");
    assert!(!territory.is_french());
    let monaco = special::find(Country::FRANCE, "98000").unwrap();
    assert!(monaco.is_french());
    let canaries = special::find("ES".parse().unwrap(), "35001").unwrap();
    assert_eq!(
        canaries.name().in_language(Language::English),
        "the Canary Islands"
    );
    assert_eq!(canaries.country(), None);
}
