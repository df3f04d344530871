//! Which postal codes are whose. A postal code counts by its digits: `D-27498`, `27498` and `27 498` are one.

use super::{Special, Territory, UnclearTerritory};
use crate::country::Country;

const fn special(code: &'static str, fr: &'static str, en: &'static str) -> Special {
    Special { code, fr, en }
}

static CANARY_ISLANDS: Special = special("ES-CN", "les îles Canaries", "the Canary Islands");
static CEUTA: Special = special("ES-CE", "Ceuta", "Ceuta");
static MELILLA: Special = special("ES-ML", "Melilla", "Melilla");
static LIVIGNO: Special = special("IT-LIVIGNO", "Livigno", "Livigno");
static CAMPIONE: Special = special("IT-CAMPIONE", "Campione d’Italia", "Campione d’Italia");
static BUSINGEN: Special = special("DE-BUSINGEN", "Büsingen", "Büsingen");
static HELIGOLAND: Special = special("DE-HELIGOLAND", "Heligoland", "Heligoland");
static MOUNT_ATHOS: Special = special("GR-69", "le mont Athos", "Mount Athos");
static NORTH_CYPRUS: Special = special("CY-NORTH", "le nord de Chypre", "the north of Cyprus");
static NORTHERN_IRELAND: Special = special("XI", "l’Irlande du Nord", "Northern Ireland");
static OVERSEAS: Special = special("FR-OVERSEAS", "l’outre-mer français", "overseas France");
static FRENCH_ARMY: Special = special(
    "FR-ARMY",
    "un secteur postal des armées",
    "a postal sector of the French army",
);

/// The territory of a country and a postal code.
pub(super) fn find(country: Country, postal_code: &str) -> Result<Territory, UnclearTerritory> {
    let code: String = postal_code.chars().filter(char::is_ascii_digit).collect();
    let five = || match code.len() {
        5 => Ok(code.as_str()),
        _ => Err(UnclearTerritory(country)),
    };
    let found = match country.code() {
        "FR" => french(five()?),
        // Monaco is on the French postal system, and its addresses may say no more than its name.
        "MC" if code.is_empty() => None,
        "MC" => french(five()?).or(Some(Territory::Country(Country::FRANCE))),
        "ES" => match five()?.get(..2) {
            Some("35" | "38") => Some(Territory::Special(&CANARY_ISLANDS)),
            Some("51") => Some(Territory::Special(&CEUTA)),
            Some("52") => Some(Territory::Special(&MELILLA)),
            _ => None,
        },
        "IT" => match five()? {
            // 23030 was Livigno’s, and is that of its neighbours still: the name of the town would decide.
            "23041" | "23030" => Some(Territory::Special(&LIVIGNO)),
            "22061" | "22060" => Some(Territory::Special(&CAMPIONE)),
            "00120" => own("VA"),
            code if code.starts_with("4789") => own("SM"),
            _ => None,
        },
        "DE" => match five()? {
            "78266" => Some(Territory::Special(&BUSINGEN)),
            "27498" => Some(Territory::Special(&HELIGOLAND)),
            _ => None,
        },
        "FI" => match five()?.get(..2) {
            Some("22") => own("AX"),
            _ => None,
        },
        "GR" => match five()? {
            "63086" | "63087" => Some(Territory::Special(&MOUNT_ATHOS)),
            _ => None,
        },
        "DK" => match (code.len(), code.get(..2)) {
            (3, _) => own("FO"),
            (4, Some("39")) => own("GL"),
            (4, _) => None,
            _ => return Err(UnclearTerritory(country)),
        },
        "CY" if code.starts_with("99") => Some(Territory::Special(&NORTH_CYPRUS)),
        "GB" => british(postal_code),
        _ => None,
    };
    Ok(found.unwrap_or(Territory::Country(country)))
}

/// What a French postal code says: nothing for metropolitan France.
fn french(code: &str) -> Option<Territory> {
    let department = code.get(..2)?;
    match (code.get(..3)?, code) {
        (_, "97133") | ("977", _) => own("BL"),
        (_, "97150") | ("978", _) => own("MF"),
        ("971", _) => own("GP"),
        ("972", _) => own("MQ"),
        ("973", _) => own("GF"),
        ("974", _) => own("RE"),
        ("975", _) => own("PM"),
        ("976", _) => own("YT"),
        ("980", _) => Some(Territory::Country(Country::MONACO)),
        ("984", _) => own("TF"),
        ("986", _) => own("WF"),
        ("987", _) => own("PF"),
        ("988", _) => own("NC"),
        _ if department == "00" => Some(Territory::Special(&FRENCH_ARMY)),
        _ if ("01".."96").contains(&department) => None,
        _ => Some(Territory::Special(&OVERSEAS)),
    }
}

/// Northern Ireland, and the islands that are not the United Kingdom.
fn british(postal_code: &str) -> Option<Territory> {
    let mut letters = postal_code.trim_start().chars();
    let area: String = letters.by_ref().take(2).collect();
    match area.to_uppercase().as_str() {
        "BT" => Some(Territory::Special(&NORTHERN_IRELAND)),
        "JE" => own("JE"),
        "GY" => own("GG"),
        "IM" => own("IM"),
        _ => None,
    }
}

/// A territory that has a country code.
fn own(code: &str) -> Option<Territory> {
    code.parse().ok().map(Territory::Country)
}
