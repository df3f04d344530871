//! The shop from outside, feature by feature. Each test opens a shop of its own.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod cart;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod counter;
#[cfg(test)]
mod http;
#[cfg(test)]
mod main_job;
#[cfg(test)]
mod order_changes;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod races;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod status;
#[cfg(test)]
mod stock;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod users;
#[cfg(test)]
mod webhooks;
