//! What people and admins do with accounts, one file each. Transactions begin and end here.

pub mod actor;
pub mod change_password;
pub mod change_user;
pub mod note_failed_sign_in;
pub mod on_authority_changed;
pub mod refresh_session;
pub mod tell_authority;

use service::settings::SettingError;
use service::{Peer, ServiceToken, Settings};

/// Who is told of changes of authority: accounts itself first, which publishes them.
pub async fn consumers(
    settings: &Settings,
    token: &ServiceToken,
) -> Result<[Peer; 3], SettingError> {
    let consumer = async |name, variable| {
        let url = settings.text(variable).await?;
        Ok::<_, SettingError>(Peer::new(name, &url, token.clone()))
    };
    Ok([
        consumer("accounts", "accounts_url").await?,
        consumer("catalog", "catalog_url").await?,
        consumer("suppliers", "suppliers_url").await?,
    ])
}
