//! Signing up, in and out.

use axum::extract::State;
use axum::response::Response;
use cache::Cache;
use commerce::{BoundedText, Email, SessionId, Text, UserId};
use db::{Db, Tx};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::openapi::Refusals;
use service::{
    AccountEmail, Author, Caller, ClientAddress, Context, Deed, Invalid, Json, JsonBody, Problem,
    Resource, Role, clock,
};
use utoipa::ToSchema;

use crate::app::actor::Actor;
use crate::app::change_password::{PasswordError, Passwords};
use crate::app::change_user::Accounts;
use crate::app::note_failed_sign_in::note_failed_sign_in;
use crate::app::refresh_session::refresh_session;
use crate::name::Name;
use crate::password::{self, NewPassword};
use crate::refresh_token::RefreshToken;
use crate::signer::{self, Bearer, Signer};
use crate::store::users::Credentials;
use crate::store::{attempts, sessions, users};
use crate::throttle;
use crate::user::User;

/// The longest address that mail reaches (RFC 5321).
const MAX_EMAIL: usize = 254;

/// As it is typed: which characters are the same and how many there may be is known later.
type GivenPassword = BoundedText<512>;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Unique without regard to case.
    #[schema(value_type = String, format = "idn-email", max_length = 254, example = "zoe@example.org")]
    email: BoundedText<{ MAX_EMAIL }>,
    #[schema(value_type = String, min_length = 10, max_length = 128, format = Password)]
    password: GivenPassword,
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S")]
    first_name: BoundedText<100>,
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S")]
    last_name: BoundedText<100>,
}

/// Makes an account in the role `client`.
#[utoipa::path(post, path = "/api/auth/register", tag = "accounts", request_body = Register,
    responses((status = 201, body = User),
        (status = 409, description = "`email-taken`: the e-mail has an account already"),
        Refusals))]
pub async fn register(
    context: Context,
    State(db): State<Db>,
    body: JsonBody<Register>,
) -> Result<Response, Problem> {
    let (user, password) = parse_registration(body.value)?;
    let hash = password.hash().map_err(Problem::internal)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let inserted = async {
            users::insert(&mut tx, &user, &hash).await?;
            let subject = user.path();
            let deed = Deed::created("user.registered", &subject, &user);
            author(&user, &context).record(&mut tx, deed).await
        }
        .await;
        tx.finish(inserted).await
    })
    .await
    .map_err(|error: db::Error| match error {
        taken if taken.is_duplicate_of("users_email") => email_taken(),
        other => other.into(),
    })?;
    Ok(Resource {
        version: user.version,
        body: user,
    }
    .created("/api/auth/profile"))
}

/// People write in their own name before they have a token.
fn author(user: &User, context: &Context) -> Author {
    let (user, role) = (user.id, user.role);
    Author::new(Caller { user, role }, None, context)
}

fn parse_registration(body: Register) -> Result<(User, NewPassword), Problem> {
    let mut invalid = Invalid::new();
    let email = invalid.check("/email", Email::parse(&body.email));
    let password = invalid.check("/password", NewPassword::parse(&body.password));
    let first_name = invalid.check("/first_name", Name::parse(&body.first_name));
    let last_name = invalid.check("/last_name", Name::parse(&body.last_name));
    let (Some(email), Some(password), Some(first_name), Some(last_name)) =
        (email, password, first_name, last_name)
    else {
        return Err(invalid.into());
    };
    let now = clock::now();
    let user = User {
        id: UserId::from_uuid(service::fresh_uuid()),
        email: email.as_str().to_owned(),
        first_name: first_name.as_str().to_owned(),
        last_name: last_name.as_str().to_owned(),
        role: Role::Client,
        disabled: false,
        created_at: now,
        updated_at: now,
        version: 1,
        generation: 1,
    };
    Ok((user, password))
}

fn email_taken() -> Problem {
    Problem::conflict(
        "email-taken",
        Text::new(
            "Cette adresse a déjà un compte",
            "This e-mail has an account already",
        ),
    )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Of the account. What is no address is answered as one that nobody has.
    #[schema(value_type = String, max_length = 254, example = "zoe@example.org")]
    email: BoundedText<{ MAX_EMAIL }>,
    #[schema(value_type = String, max_length = 512, format = Password)]
    password: GivenPassword,
}

/// A pair of tokens (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub struct TokenPair {
    /// For `Authorization: Bearer …` (RFC 9068).
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// For `POST /api/auth/refresh`, once.
    refresh_token: String,
}

impl TokenPair {
    fn new(signer: &Signer, bearer: Bearer, refresh: &RefreshToken) -> Result<Self, Problem> {
        Ok(Self {
            access_token: signer.sign(bearer).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: signer::LIFETIME_SECONDS,
            refresh_token: refresh.to_text(),
        })
    }
}

/// Signs in. An unknown e-mail is answered as a wrong password is, in the same time.
#[utoipa::path(post, path = "/api/auth/login", tag = "accounts", request_body = Login,
    responses((status = 200, body = TokenPair),
        (status = 401, description = "`invalid-credentials`: no account has this e-mail and this password"),
        (status = 429, description = "`too-many-attempts`: wait before the next try"),
        Refusals))]
pub async fn login(
    context: Context,
    address: ClientAddress,
    State(db): State<Db>,
    State(cache): State<Cache>,
    State(signer): State<Signer>,
    body: JsonBody<Login>,
) -> Result<Json<TokenPair>, Problem> {
    let typed = || body.value.email.trim().to_lowercase();
    let email = Email::parse(&body.value.email);
    let email = email.map_or_else(|_| typed(), |email| email.as_str().to_owned());
    let network = address.network();
    throttle::count(&cache, &email, &network).await?;
    let found = find_credentials(&db, &email).await?;
    let hash = found.as_ref().map(|found| found.password_hash.as_str());
    let is_right = password::is_right(&body.value.password, hash);
    let user = found.map(|found| found.user);
    let Some(user) = user.as_ref().filter(|user| is_right && !user.disabled) else {
        note_failed_sign_in(&context, &db, &cache, user.as_ref(), address).await;
        return Err(invalid_credentials());
    };
    take_back(&context, &cache, &email, &network).await;
    let refresh = start_session(&db, user, &author(user, &context)).await?;
    let bearer = Bearer {
        user: user.id,
        role: user.role,
        email: user.email.clone(),
        generation: user.generation,
    };
    TokenPair::new(&signer, bearer, &refresh).map(Json)
}

/// A right password was no guess.
async fn take_back(context: &Context, cache: &Cache, email: &str, network: &str) {
    if let Err(error) = attempts::succeed(cache, email, network).await {
        service::warn(
            context,
            "a right password stays counted as an attempt",
            &error,
        );
    }
}

async fn find_credentials(db: &Db, email: &str) -> Result<Option<Credentials>, Problem> {
    match Email::parse(email) {
        Ok(email) => Ok(users::find_credentials(db, &email).await?),
        Err(_) => Ok(None),
    }
}

fn invalid_credentials() -> Problem {
    Problem::invalid_credentials(
        "invalid-credentials",
        Text::new(
            "Adresse ou mot de passe inconnu",
            "Unknown e-mail or wrong password",
        ),
    )
}

/// A session for somebody whose password was right a moment ago: it may have been changed since, or the account
/// disabled, and then the session would outlive that.
async fn start_session(db: &Db, user: &User, author: &Author) -> Result<RefreshToken, Problem> {
    let session = SessionId::from_uuid(service::fresh_uuid());
    let refresh = RefreshToken::generate(session).map_err(Problem::internal)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let inserted = async {
            let present = users::lock(&mut tx, user.id).await?;
            if present.is_none_or(|present| present.generation != user.generation) {
                return Err(invalid_credentials());
            }
            sessions::insert(&mut tx, user.id, &refresh, clock::now()).await?;
            let path = user.path();
            let deed = Deed::done("user.signed_in", &path);
            Ok(author.record(&mut tx, deed).await?)
        }
        .await;
        tx.finish(inserted).await
    })
    .await?;
    Ok(refresh)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[schema(value_type = String, max_length = 256)]
    refresh_token: BoundedText<256>,
}

/// Gives the next pair of tokens. A refresh token is good once. Within ten seconds it has the same successor again,
/// for an answer that was lost or for a second tab; shown later, it ends its whole family.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "accounts", request_body = Refresh,
    responses((status = 200, body = TokenPair),
        (status = 401, description = "`session-over`: the refresh token is good no more: sign in again"),
        Refusals))]
pub async fn refresh(
    State(db): State<Db>,
    State(signer): State<Signer>,
    body: JsonBody<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let shown = RefreshToken::parse(&body.value.refresh_token).ok_or_else(session_over)?;
    let next = refresh_session(&db, &signer, &shown).await?;
    let (bearer, next) = next.ok_or_else(session_over)?;
    TokenPair::new(&signer, bearer, &next).map(Json)
}

fn session_over() -> Problem {
    Problem::invalid_credentials(
        "session-over",
        Text::new(
            "La session est terminée : reconnectez-vous",
            "The session is over: sign in again",
        ),
    )
}

/// Ends the session of a refresh token; one that is over already is no error.
#[utoipa::path(post, path = "/api/auth/logout", tag = "accounts", request_body = Refresh,
    responses((status = 204, description = "The session is over"),
        (status = 401, description = "`session-over`: the refresh token is good no more"),
        Refusals))]
pub async fn logout(
    context: Context,
    State(db): State<Db>,
    body: JsonBody<Refresh>,
) -> Result<StatusCode, Problem> {
    let shown = RefreshToken::parse(&body.value.refresh_token).ok_or_else(session_over)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let ended = end(&mut tx, &context, &shown).await;
        tx.finish(ended).await
    })
    .await
    .map_err(|error: db::Error| error)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the session whose newest token was shown, or the one before it, which a second tab may still have.
async fn end(tx: &mut Tx, context: &Context, shown: &RefreshToken) -> db::Result<()> {
    let Some(session) = sessions::lock(tx, shown.session).await? else {
        return Ok(());
    };
    let shown_digest = shown.digest();
    let is_known =
        session.token_digest == shown_digest || session.previous_digest == Some(shown_digest);
    if session.ended || !is_known {
        return Ok(());
    }
    sessions::end(tx, shown.session, clock::now()).await?;
    let (user, role) = (session.user_id, session.role);
    let author = Author::new(Caller { user, role }, None, context);
    let path = format!("/api/users/{user}");
    let deed = Deed::done("user.signed_out", &path);
    author.record(tx, deed).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(value_type = String, max_length = 512, format = Password)]
    current_password: GivenPassword,
    #[schema(value_type = String, min_length = 10, max_length = 128, format = Password)]
    new_password: GivenPassword,
}

/// Changes the password. It ends every session of the user and every access token that was given before, this one
/// too. Wrong current passwords are counted with those of signing in.
#[utoipa::path(post, path = "/api/auth/password", tag = "accounts", request_body = ChangePassword,
    security(("bearer" = [])),
    responses((status = 204, description = "The password is changed"),
        (status = 401, description = "`invalid-credentials`: the current password is another one"),
        (status = 429, description = "`too-many-attempts`: wait before the next try"),
        Refusals))]
pub async fn change_password(
    context: Context,
    address: ClientAddress,
    actor: Actor,
    AccountEmail(email): AccountEmail,
    State(accounts): State<Accounts>,
    body: JsonBody<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let network = address.network();
    throttle::count(&accounts.cache, &email, &network).await?;
    let passwords = Passwords {
        current: body.value.current_password.into_string(),
        new: body.value.new_password.into_string(),
    };
    let changed = accounts.change_password(&context, &actor, &passwords).await;
    match &changed {
        Err(PasswordError::Wrong(_)) => {
            accounts
                .note_wrong_password(&context, &actor, address)
                .await;
        }
        // Whose token is not good any more has shown no password.
        Err(PasswordError::Refused(_)) => {}
        Err(PasswordError::Unfit(_)) | Ok(()) => {
            take_back(&context, &accounts.cache, &email, &network).await;
        }
    }
    changed?;
    Ok(StatusCode::NO_CONTENT)
}
