//! Values and rules that several services share: typed ids, money, prices, VAT, quantities,
//! languages, postal addresses, and the one engine that adds up an order.
//!
//! Everything here is pure: no I/O, no HTTP, no clock. Raw input becomes one of these values only
//! by parsing, so that a function which receives one has nothing left to check.

pub mod address;
pub mod bounded;
pub mod country;
pub mod email;
mod from_text;
pub mod ids;
pub mod label;
pub mod language;
pub mod limited;
pub mod merchant_id;
pub mod money;
pub mod price;
pub mod printable;
pub mod quantity;
pub mod territory;
pub mod timestamp;
pub mod totals;
pub mod vat;

pub use address::{Address, AddressInput, FieldError};
pub use bounded::{BoundedList, BoundedText, Excess};
pub use country::Country;
pub use email::Email;
pub use ids::{
    ApiKeyId, CategoryId, DeliveryId, DisputeId, EventId, InvalidId, ItemId, MovementId, OrderId,
    PaymentId, PurchaseOrderId, RefundId, ReportId, RestockId, ReviewId, SessionId, UserId,
    WebhookId,
};
pub use label::{Label, Prose};
pub use language::{Language, Text};
pub use limited::{OutOfLimits, PositiveMoney, PositivePrice, UnsignedMoney};
pub use merchant_id::MerchantId;
pub use money::{Currency, Money, MoneyError};
pub use price::{Price, PriceError};
pub use quantity::{Quantity, QuantityError};
pub use territory::{Territory, UnclearTerritory};
pub use timestamp::Timestamp;
pub use totals::{Line, LineTotal, Priced, RateTotal, Totals};
pub use vat::{VatRate, VatRateError};
