//! The passwords of the demo's accounts, among which is an administrator. A published one is for a shop that
//! nobody but this machine reaches, on servers that hold nothing else. Anywhere else each account has its own,
//! which follows from this machine's secrets: it is shown when the account is made, and written nowhere.

use anyhow::Result;

use super::data::User;
use crate::private;
use crate::settings::Settings;
use crate::workspace::Workspace;

/// Of every account of the demo on a shop of this machine alone.
pub const PUBLISHED: &str = "comptoir-demo";

#[derive(Clone)]
pub enum Passwords {
    Published,
    /// They follow from this secret.
    Own(String),
}

impl Passwords {
    /// Those of accounts that strangers may reach.
    pub fn own(workspace: &Workspace) -> Result<Self> {
        let settings = Settings::load(&workspace.state())?;
        Ok(Self::Own(settings.token_signing_key))
    }

    /// Those of the demo on the private servers: what its accounts have, or will have. Which ones is written
    /// down before the first account is made.
    pub fn of_private_shop(workspace: &Workspace, is_reachable: bool) -> Result<Self> {
        let note = workspace.data().join("demo-passwords");
        let is_published = match std::fs::read_to_string(&note) {
            Ok(text) => text == "published",
            Err(_) => has_older_demo(workspace) || !is_reachable,
        };
        let text = if is_published { "published" } else { "own" };
        private::create_folder(&workspace.data())?;
        private::write(&note, text)?;
        if is_published {
            Ok(Self::Published)
        } else {
            Self::own(workspace)
        }
    }

    /// Whether the private servers hold accounts whose password everybody knows.
    pub fn are_published(workspace: &Workspace) -> bool {
        let note = std::fs::read_to_string(workspace.data().join("demo-passwords"));
        note.map_or_else(|_| has_older_demo(workspace), |text| text == "published")
    }

    pub fn of(&self, user: &User) -> Result<String> {
        match self {
            Self::Published => Ok(PUBLISHED.to_owned()),
            Self::Own(secret) => private::derive(secret, &format!("demo password {}", user.email)),
        }
    }
}

/// Earlier versions knew no other passwords.
fn has_older_demo(workspace: &Workspace) -> bool {
    workspace.data().join("demo-is-loaded").exists()
}

/// A secret is not to be printed.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Published => "Published",
            Self::Own(_) => "Own",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(email: &str) -> User {
        User {
            email: email.to_owned(),
            password: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            role: "admin".to_owned(),
        }
    }

    #[test]
    fn accounts_that_strangers_reach_have_passwords_that_nobody_knows() {
        let own = Passwords::Own("secret of this machine".to_owned());
        let admin = own.of(&user("admin@example.org")).unwrap();
        assert_ne!(admin, PUBLISHED);
        assert_eq!(admin, own.of(&user("admin@example.org")).unwrap());
        assert_ne!(admin, own.of(&user("seller1@example.org")).unwrap());
        let elsewhere = Passwords::Own("secret of another".to_owned());
        assert_ne!(admin, elsewhere.of(&user("admin@example.org")).unwrap());
    }

    #[test]
    fn a_private_shop_keeps_the_kind_of_passwords_that_it_began_with() {
        let root = std::env::temp_dir().join(format!("demo-{}", private::random_text().unwrap()));
        let here = Workspace::at(&root.join("here"));
        let reached = Workspace::at(&root.join("reached"));
        assert!(!Passwords::are_published(&here));
        for is_reachable in [false, true] {
            let passwords = Passwords::of_private_shop(&here, is_reachable).unwrap();
            assert!(matches!(passwords, Passwords::Published));
        }
        assert!(Passwords::are_published(&here));
        for is_reachable in [true, false] {
            let passwords = Passwords::of_private_shop(&reached, is_reachable).unwrap();
            assert!(matches!(passwords, Passwords::Own(_)));
        }
        assert!(!Passwords::are_published(&reached));
        // One that an earlier version has filled.
        let older = Workspace::at(&root.join("older"));
        private::create_folder(&older.data()).unwrap();
        std::fs::write(older.data().join("demo-is-loaded"), "").unwrap();
        assert!(Passwords::are_published(&older));
        std::fs::remove_dir_all(&root).unwrap();
    }
}
