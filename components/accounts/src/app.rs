//! What people and admins do with accounts, one file each. Transactions begin and end here.

pub mod actor;
pub mod change_password;
pub mod change_user;
pub mod note_failed_sign_in;
pub mod on_authority_changed;
pub mod refresh_session;
pub mod tell_authority;
