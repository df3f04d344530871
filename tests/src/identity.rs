//! Who sells, as the law wants it said.

use serde_json::{Value, json};

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
