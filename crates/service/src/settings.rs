//! The variables of `spin.toml` that a component is given, read once an instance.

use std::fmt::Display;
use std::str::FromStr;

use spin_sdk::variables;

/// A variable is missing or has a value that cannot be used; the message names it and never its value.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("the variable `{name}` cannot be read: {reason}")]
    Unreadable { name: &'static str, reason: String },
    #[error("the variable `{name}` is not usable: {reason}")]
    Unusable { name: &'static str, reason: String },
}

/// Reads variables by name.
#[derive(Debug)]
pub struct Settings(());

impl Settings {
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// The text of a variable.
    pub async fn text(&self, name: &'static str) -> Result<String, SettingError> {
        variables::get(name)
            .await
            .map_err(|error| SettingError::Unreadable {
                name,
                reason: error.to_string(),
            })
    }

    /// A variable that is a number or another type with a text form.
    pub async fn parsed<T>(&self, name: &'static str) -> Result<T, SettingError>
    where
        T: FromStr<Err: Display>,
    {
        self.text(name)
            .await?
            .trim()
            .parse()
            .map_err(|error: T::Err| Self::unusable(name, error))
    }

    /// The error for a value that a service cannot use.
    pub fn unusable(name: &'static str, reason: impl Display) -> SettingError {
        SettingError::Unusable {
            name,
            reason: reason.to_string(),
        }
    }
}
