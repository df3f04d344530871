//! Who sells, as the law wants it said.

use serde_json::{Value, json};

use crate::person::Person;

/// What `PUT /api/merchants/{id}` takes, with series of these prefixes.
pub fn identity(invoices: &str, credit_notes: &str) -> Value {
    json!({
        "address": {
            "name": "Œillets & Cie",
            "line1": "3 quai de la Fosse",
            "postal_code": "44000",
            "city": "Nantes",
            "country": "FR",
        },
        "trade_name": "Comptoir des Œillets",
        "legal_form": "SAS",
        "capital": { "amount": 1_000_000, "currency": "EUR" },
        "siren": "732829320",
        "register": "RCS Nantes",
        "vat_number": "FR44732829320",
        "email": "bonjour@oeillets.example",
        "invoice_prefix": invoices,
        "credit_note_prefix": credit_notes,
        "iban": "FR7630006000011234567890189",
    })
}

/// The same for a seller, whose series the shop names.
pub fn sellers_identity() -> Value {
    let mut own = identity("", "");
    if let Some(members) = own.as_object_mut() {
        members.remove("invoice_prefix");
        members.remove("credit_note_prefix");
    }
    own
}

/// Has a seller sell in their own name: they propose who they are, and an admin approves it. The prefixes of
/// their invoices and credit notes.
pub async fn sell_in_own_name(admin: &Person, seller: &Person, own: Value) -> (String, String) {
    let path = format!("/api/merchants/{}", seller.id);
    let proposed = seller.put(&path, own).await.is(201);
    let approve = admin.post(&format!("{path}/approve"), Value::Null);
    let approved = approve.if_match(&proposed.etag()).await.is(200).json();
    let prefix = |name: &str| approved.get(name).unwrap().as_str().unwrap().to_owned();
    (prefix("invoice_prefix"), prefix("credit_note_prefix"))
}
