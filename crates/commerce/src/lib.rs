//! Values and rules that several services share: money, VAT, quantities, typed ids
