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
    Author, Caller, ClientAddress, Context, Deed, Invalid, Json, JsonBody, Problem, Resource, Role,
    clock,
};
use utoipa::ToSchema;

use crate::name::Name;
use crate::password::{self, NewPassword};
use crate::refresh_token::RefreshToken;
use crate::signer::{self, Bearer, Signer};
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
    #[schema(value_type = String, max_length = 254, example = "zoe@example.org")]
    email: BoundedText<{ MAX_EMAIL }>,
    #[schema(value_type = String, min_length = 10, max_length = 128, format = Password)]
    password: GivenPassword,
    #[schema(value_type = String, max_length = 100)]
    first_name: BoundedText<100>,
    #[schema(value_type = String, max_length = 100)]
    last_name: BoundedText<100>,
}

/// Makes an account in the role `client`.
#[utoipa::path(post, path = "/api/auth/register", tag = "accounts", request_body = Register,
    responses((status = 201, body = User), Refusals))]
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
    #[schema(value_type = String, max_length = 254)]
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
    responses((status = 200, body = TokenPair), Refusals))]
pub async fn login(
    context: Context,
    address: ClientAddress,
    State(db): State<Db>,
    State(cache): State<Cache>,
    State(signer): State<Signer>,
    body: JsonBody<Login>,
) -> Result<Json<TokenPair>, Problem> {
    let email = body.value.email.trim().to_ascii_lowercase();
    let address = address.network();
    throttle::count(&cache, &email, &address).await?;
    let user = authenticate(&db, &email, &body.value.password).await?;
    if let Err(error) = attempts::succeed(&cache, &email, &address).await {
        service::warn(
            &context,
            "a successful sign-in stays counted as an attempt",
            &error,
        );
    }
    let refresh = start_session(&db, &user, &author(&user, &context)).await?;
    let bearer = Bearer {
        user: user.id,
        role: user.role,
        email: user.email,
    };
    TokenPair::new(&signer, bearer, &refresh).map(Json)
}

async fn authenticate(db: &Db, email: &str, given: &str) -> Result<User, Problem> {
    let found = match Email::parse(email) {
        Ok(email) => users::find_credentials(db, &email).await?,
        Err(_) => None,
    };
    let hash = found.as_ref().map(|found| found.password_hash.as_str());
    let right = password::is_right(given, hash);
    found
        .map(|found| found.user)
        .filter(|user| right && !user.disabled)
        .ok_or_else(|| {
            Problem::invalid_credentials(
                "invalid-credentials",
                Text::new(
                    "Adresse ou mot de passe inconnu",
                    "Unknown e-mail or wrong password",
                ),
            )
        })
}

async fn start_session(db: &Db, user: &User, author: &Author) -> Result<RefreshToken, Problem> {
    let session = SessionId::from_uuid(service::fresh_uuid());
    let refresh = RefreshToken::generate(session).map_err(Problem::internal)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let inserted = async {
            sessions::insert(&mut tx, user.id, &refresh, clock::now()).await?;
            let path = user.path();
            let deed = Deed::done("user.signed_in", &path);
            author.record(&mut tx, deed).await
        }
        .await;
        tx.finish(inserted).await
    })
    .await
    .map_err(|error: db::Error| error)?;
    Ok(refresh)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[schema(value_type = String, max_length = 256)]
    refresh_token: BoundedText<256>,
}

/// Gives the next pair of tokens. A refresh token is good once: shown again, it ends its whole family.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "accounts", request_body = Refresh,
    responses((status = 200, body = TokenPair), Refusals))]
pub async fn refresh(
    State(db): State<Db>,
    State(signer): State<Signer>,
    body: JsonBody<Refresh>,
) -> Result<Json<TokenPair>, Problem> {
    let shown = RefreshToken::parse(&body.value.refresh_token).ok_or_else(session_over)?;
    let next = RefreshToken::generate(shown.session).map_err(Problem::internal)?;
    let bearer = db::retry(|| rotate(&db, &shown, &next))
        .await?
        .ok_or_else(session_over)?;
    TokenPair::new(&signer, bearer, &next).map(Json)
}

/// The bearer, if the token was the newest of its family; the family's end otherwise, which is committed.
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
        let newest = session.token_digest == shown.digest();
        if !newest || session.ended || session.user_disabled || session.expires_at <= now {
            sessions::end(&mut tx, shown.session, now).await?;
            return Ok(None);
        }
        sessions::rotate(&mut tx, next, now).await?;
        Ok(Some(Bearer {
            user: session.user_id,
            role: session.role,
            email: session.email,
        }))
    }
    .await;
    tx.finish(outcome).await
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
    responses((status = 204, description = "The session is over"), Refusals))]
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

/// Ends the session whose newest token was shown, if it goes on.
async fn end(tx: &mut Tx, context: &Context, shown: &RefreshToken) -> db::Result<()> {
    let Some(session) = sessions::lock(tx, shown.session).await? else {
        return Ok(());
    };
    if session.ended || session.token_digest != shown.digest() {
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

/// Changes the password and ends every session of the user.
#[utoipa::path(post, path = "/api/auth/password", tag = "accounts", request_body = ChangePassword,
    security(("bearer" = [])),
    responses((status = 204, description = "The password is changed"), Refusals))]
pub async fn change_password(
    caller: Caller,
    author: Author,
    State(db): State<Db>,
    body: JsonBody<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let mut invalid = Invalid::new();
    let new = invalid.check(
        "/new_password",
        NewPassword::parse(&body.value.new_password),
    );
    let current = users::find_password_hash(&db, caller.user).await?;
    if !password::is_right(&body.value.current_password, current.as_deref()) {
        let text = Text::new(
            "Ce n’est pas le mot de passe actuel",
            "Not the current password",
        );
        invalid.refuse("/current_password", text);
    }
    invalid.finish()?;
    let Some(new) = new else {
        return Err(Problem::unprocessable());
    };
    let hash = new.hash().map_err(Problem::internal)?;
    db::retry(|| async {
        let mut tx = db.begin().await?;
        let changed = async {
            users::update_password(&mut tx, caller.user, &hash).await?;
            sessions::end_all(&mut tx, caller.user, clock::now()).await?;
            let subject = format!("/api/users/{}", caller.user);
            let deed = Deed::done("user.password_changed", &subject);
            author.record(&mut tx, deed).await
        }
        .await;
        tx.finish(changed).await
    })
    .await
    .map_err(|error: db::Error| error)?;
    Ok(StatusCode::NO_CONTENT)
}
