//! The shop from outside, feature by feature. Each test opens a shop of its own.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_walk;
#[cfg(test)]
mod authorisation;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod caching;
#[cfg(test)]
mod cart;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod constraints;
#[cfg(test)]
mod counter;
#[cfg(test)]
mod destinations;
#[cfg(test)]
mod discount_owners;
#[cfg(test)]
mod discounts;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod free_orders;
#[cfg(test)]
mod header_lines;
#[cfg(test)]
mod hidden_sellers;
#[cfg(test)]
mod hostile_values;
#[cfg(test)]
mod http;
#[cfg(test)]
mod invoices;
#[cfg(test)]
mod invoicing;
#[cfg(test)]
mod item_supply;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod main_job;
#[cfg(test)]
mod merchant;
#[cfg(test)]
mod merchants;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod on_terms;
#[cfg(test)]
mod one_transfer;
#[cfg(test)]
mod order_changes;
#[cfg(test)]
mod order_events;
#[cfg(test)]
mod order_life;
#[cfg(test)]
mod order_payments;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod own_writes;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod payments_in_doubt;
#[cfg(test)]
mod provider_refunds;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod reports_http;
#[cfg(test)]
mod reports_model;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod set_aside;
#[cfg(test)]
mod slow_money;
#[cfg(test)]
mod slow_peers;
#[cfg(test)]
mod status;
#[cfg(test)]
mod stock;
#[cfg(test)]
mod stock_low;
#[cfg(test)]
mod stripe_webhooks;
#[cfg(test)]
mod supplier_graphql;
#[cfg(test)]
mod supplier_http;
#[cfg(test)]
mod supplier_keys;
#[cfg(test)]
mod supplier_limits;
#[cfg(test)]
mod supplier_orders;
#[cfg(test)]
mod supplier_restocks;
#[cfg(test)]
mod supplier_throttle;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod till;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod unpaid_orders;
#[cfg(test)]
mod users;
#[cfg(test)]
mod viewers;
#[cfg(test)]
mod warehouse;
#[cfg(test)]
mod webhook_deliveries;
#[cfg(test)]
mod webhooks;
