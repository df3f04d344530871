//! The next pair of tokens of a session. A refresh token is good once; but an answer may be lost, and two tabs may
//! ask at once. So for some seconds the same token has the same successor, which is derived from it and from a
//! secret of the house, and kept nowhere. Shown later, it ends the whole family.

use db::Db;
use service::{Problem, clock};

use crate::refresh_token::RefreshToken;
use crate::signer::{Bearer, Signer};
use crate::store::sessions::{self, Session};

/// How long a token that was used has its successor again.
const REPEATABLE_MS: i64 = 10_000;

/// What a token is to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Newest,
    /// It was the newest a moment ago, and its successor is.
    JustUsed,
    /// It was the newest a moment ago, and its successor was derived from a secret that has been replaced since.
    Underivable,
    Old,
}

/// The bearer with the next refresh token; none where the session is over, and then for good.
pub async fn refresh_session(
    db: &Db,
    signer: &Signer,
    shown: &RefreshToken,
) -> Result<Option<(Bearer, RefreshToken)>, Problem> {
    let next = signer.successor(shown).map_err(Problem::internal)?;
    let bearer = db::retry(|| rotate(db, shown, &next)).await?;
    Ok(bearer.map(|bearer| (bearer, next)))
}

async fn rotate(
    db: &Db,
    shown: &RefreshToken,
    next: &RefreshToken,
) -> Result<Option<Bearer>, db::Error> {
    let now = clock::now();
    let mut tx = db.begin().await?;
    let outcome = async {
        let Some(session) = sessions::lock(&mut tx, shown.session).await? else {
            return Ok(None);
        };
        let is_over = session.ended || session.user_disabled || session.expires_at <= now;
        match place(&session, shown.digest(), next.digest(), now.unix_ms()) {
            Place::Newest if !is_over => sessions::rotate(&mut tx, shown, next, now).await?,
            Place::JustUsed if !is_over => {}
            Place::Underivable if !is_over => return Ok(None),
            _ => {
                sessions::end(&mut tx, shown.session, now).await?;
                return Ok(None);
            }
        }
        Ok(Some(Bearer {
            user: session.user_id,
            role: session.role,
            email: session.email,
            generation: session.generation,
        }))
    }
    .await;
    tx.finish(outcome).await
}

fn place(session: &Session, shown: [u8; 32], next: [u8; 32], now_ms: i64) -> Place {
    if session.token_digest == shown {
        return Place::Newest;
    }
    let rotated = session.rotated_at.map(|at| now_ms - at.unix_ms());
    let is_recent = rotated.is_some_and(|age| age < REPEATABLE_MS);
    if session.previous_digest != Some(shown) || !is_recent {
        return Place::Old;
    }
    match session.token_digest == next {
        true => Place::JustUsed,
        false => Place::Underivable,
    }
}

#[cfg(test)]
mod tests {
    use commerce::{Timestamp, UserId};
    use service::Role;

    use super::*;

    const USED: [u8; 32] = [1; 32];
    const NEWEST: [u8; 32] = [2; 32];
    const OTHER: [u8; 32] = [3; 32];

    fn session(rotated_at: Option<i64>) -> Session {
        Session {
            user_id: UserId::from_bytes([7; 16]),
            role: Role::Client,
            email: String::new(),
            generation: 1,
            user_disabled: false,
            token_digest: NEWEST,
            previous_digest: rotated_at.map(|_| USED),
            rotated_at: rotated_at.map(Timestamp::from_unix_ms),
            expires_at: Timestamp::from_unix_ms(i64::MAX),
            ended: false,
        }
    }

    #[test]
    fn the_newest_token_is_the_newest_however_old_it_is() {
        assert_eq!(place(&session(None), NEWEST, OTHER, 0), Place::Newest);
        assert_eq!(
            place(&session(Some(0)), NEWEST, OTHER, i64::MAX),
            Place::Newest
        );
    }

    #[test]
    fn a_used_token_has_its_successor_again_for_some_seconds() {
        let place = |now| place(&session(Some(1000)), USED, NEWEST, now);
        assert_eq!(place(1000), Place::JustUsed);
        assert_eq!(place(1000 + REPEATABLE_MS - 1), Place::JustUsed);
        assert_eq!(place(1000 + REPEATABLE_MS), Place::Old);
    }

    #[test]
    fn a_token_of_another_secret_ends_nothing() {
        assert_eq!(place(&session(Some(0)), USED, OTHER, 1), Place::Underivable);
    }

    #[test]
    fn a_token_that_was_never_the_one_before_is_old() {
        assert_eq!(place(&session(Some(0)), OTHER, NEWEST, 1), Place::Old);
        assert_eq!(place(&session(None), USED, NEWEST, 1), Place::Old);
    }
}
