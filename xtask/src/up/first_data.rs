//! The demo of a shop that `up` serves: whether it may have the accounts whose password everybody knows, and
//! its loading, whose failure stops no shop.

use anyhow::{Result, ensure};

use super::Options;
use crate::demo::{self, Loaded, Passwords};
use crate::workspace::Workspace;
use crate::{complain, servers};

/// Refuses to show to a network the accounts that were made for this machine alone.
pub fn check_reach(workspace: &Workspace, options: &Options) -> Result<()> {
    let is_shown = servers::is_private() && !options.listen.is_loopback() && !options.fresh;
    ensure!(
        !is_shown || !Passwords::are_published(workspace),
        "this shop has the demo's accounts, an administrator among them, whose password everybody knows: {} can \
         be reached by others. Listen on 127.0.0.1, or add --fresh to remove all data and begin anew, with \
         passwords that nobody knows",
        options.listen
    );
    Ok(())
}

/// Loads the demo where it is wanted; a shop without it still serves, so that a failure is told and no more.
pub async fn load(
    workspace: &Workspace,
    options: &Options,
    url: &str,
) -> Option<(Loaded, Passwords)> {
    if !options.demo {
        return None;
    }
    match try_load(workspace, options, url).await {
        Ok(loaded) => Some(loaded),
        Err(error) => {
            complain!("The demo data could not be loaded: {error:#}");
            complain!("The shop serves without them; `cargo xtask demo` tries again.");
            None
        }
    }
}

async fn try_load(
    workspace: &Workspace,
    options: &Options,
    url: &str,
) -> Result<(Loaded, Passwords)> {
    if !servers::is_private() {
        // Somebody else's database is asked each time.
        let passwords = Passwords::own(workspace)?;
        let loaded = demo::load_own(workspace, url, passwords.clone()).await?;
        return Ok((loaded, passwords));
    }
    let passwords = Passwords::of_private_shop(workspace, !options.listen.is_loopback())?;
    let mark = workspace.data().join("demo-is-loaded");
    if mark.exists() {
        return Ok((Loaded::Before, passwords));
    }
    let loaded = demo::load_own(workspace, url, passwords.clone()).await?;
    crate::private::write(&mark, "")?;
    Ok((loaded, passwords))
}
