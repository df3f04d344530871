//! Which refusal has which status: every status code that is not a success stands here.

use commerce::Text;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::problem::Problem;

/// How long a client should leave a service in peace that lacks its database or a peer, in seconds.
const RETRY_SECONDS: &str = "2";

/// The code by which a service says that it was too slow itself, and not somebody whom it asked.
pub(crate) const DEADLINE_PASSED: &str = "deadline-passed";

/// The challenge to whoever shows a token that is not good (RFC 6750 §3.1).
pub(crate) const REFUSED_TOKEN: HeaderValue =
    HeaderValue::from_static("Bearer error=\"invalid_token\"");

impl Problem {
    /// 400: the request is not of the form that HTTP or JSON ask for.
    pub fn malformed() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed-request",
            Text::new("La requête est mal formée", "The request is malformed"),
        )
    }

    /// 400: the operation needs an `Idempotency-Key`.
    pub fn missing_idempotency_key() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "idempotency-key-missing",
            Text::new(
                "L’en-tête Idempotency-Key est obligatoire",
                "The Idempotency-Key header is required",
            ),
        )
    }

    /// 401: nobody is signed in, or the token is not good.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            Text::new("Connectez-vous", "Sign in first"),
        )
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 401: the access token is expired, forged, meant for somebody else, or of somebody who is no longer what
    /// it says (RFC 6750 §3.1).
    pub fn invalid_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid-token",
            Text::new("Le jeton d’accès est refusé", "The access token is refused"),
        )
        .header(WWW_AUTHENTICATE, REFUSED_TOKEN)
    }

    /// 400: the request names more than one bearer of a token (RFC 6750 §3.1).
    pub(crate) fn several_credentials() -> Self {
        Self::malformed()
            .detail(
                "Un seul en-tête Authorization par requête",
                "One Authorization header a request",
            )
            .header(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_request\""),
            )
    }

    /// 401: what was given to sign in or to stay signed in is not good.
    pub fn invalid_credentials(code: &'static str, title: Text) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, title)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: signed in, but not in a role that may do this.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            Text::new("Ce n’est pas permis", "You may not do this"),
        )
    }

    /// 404: there is no such thing, or none that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            Text::new("Introuvable", "Not found"),
        )
    }

    /// 405; the router adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            Text::new("Méthode non permise ici", "Method not allowed here"),
        )
    }

    /// 406: the client does not take what this resource is.
    pub fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            Text::new(
                "Cette ressource n’existe pas sous la forme demandée",
                "This resource has no representation of the type asked for",
            ),
        )
    }

    /// 409: the state of things forbids it; `code` says which state.
    pub fn conflict(code: &'static str, title: Text) -> Self {
        Self::new(StatusCode::CONFLICT, code, title)
    }

    /// 409: the first request with this key is still running.
    pub(crate) fn idempotency_in_flight() -> Self {
        Self::conflict(
            "idempotency-key-in-flight",
            Text::new(
                "Une requête avec cette clé est en cours",
                "A request with this key is in flight",
            ),
        )
        .header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// 412: the resource has changed since the client read it.
    pub fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
            Text::new(
                "La ressource a changé entre-temps",
                "The resource has changed meanwhile",
            ),
        )
    }

    /// 412: the request is conditional, and this operation does not know on what (RFC 9110 §13.1: it must not
    /// be performed then).
    pub(crate) fn condition_not_known() -> Self {
        Self::precondition_failed().detail(
            "Cette opération ne vérifie ni If-Match ni If-None-Match : envoyez-la sans condition",
            "This operation checks neither If-Match nor If-None-Match: send it without a condition",
        )
    }

    /// 408: the body did not come in time.
    pub(crate) fn request_timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "request-timeout",
            Text::new(
                "Le corps de la requête n’est pas arrivé à temps",
                "The request’s body did not arrive in time",
            ),
        )
    }

    /// 413: the body is larger than a service takes.
    pub fn too_large(kibibytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            Text::new("Le corps est trop grand", "The body is too large"),
        )
        .detail(
            format!("Au plus {kibibytes} Kio"),
            format!("At most {kibibytes} KiB"),
        )
    }

    /// 415: the body is of another type than a service takes.
    pub fn unsupported_media_type(wanted: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            Text::new(
                format!("Le corps doit être de type {wanted}"),
                format!("The body must be {wanted}"),
            ),
        )
    }

    /// 415: the body is in a content coding; the answer says in `Accept-Encoding` that it must be in none.
    pub(crate) fn unsupported_content_encoding() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-content-encoding",
            Text::new(
                "Le corps doit être envoyé sans compression",
                "The body must be sent without compression",
            ),
        )
    }

    /// 422: well formed, but with values that cannot be taken; `errors` says which, in the body and in the query.
    pub fn unprocessable() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-fields",
            Text::new(
                "Certains champs sont à corriger",
                "Some fields need correction",
            ),
        )
    }

    /// 422: well formed, but not to be taken; `code` says why.
    pub fn unprocessable_as(code: &'static str, title: Text) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
    }

    /// 422: the same key came with another body.
    pub fn idempotency_key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            Text::new(
                "Cette clé a servi à une autre requête",
                "This key was used for another request",
            ),
        )
    }

    /// 428: a change needs `If-Match`.
    pub fn precondition_required() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            Text::new(
                "L’en-tête If-Match est obligatoire",
                "The If-Match header is required",
            ),
        )
    }

    /// 429: too many tries; `seconds` until the next is taken.
    pub fn too_many_requests(code: &'static str, title: Text, seconds: i64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, title)
            .header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// 500: a mistake of ours; its cause is in the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            Text::new("Erreur interne", "Internal error"),
        )
        .caused_by(cause)
    }

    /// 502: another service answered something that it should not.
    pub fn bad_gateway(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "bad-gateway",
            Text::new("Un service a mal répondu", "Another service answered badly"),
        )
        .caused_by(cause)
    }

    /// 503: what the service stands on is away; nothing happened.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            Text::new(
                "Service momentanément indisponible",
                "Temporarily unavailable",
            ),
        )
        .header(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS))
        .caused_by(cause)
    }

    /// 504: the request's time is over.
    pub(crate) fn deadline_passed() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            DEADLINE_PASSED,
            Text::new(
                "Le traitement a pris trop de temps",
                "The request took too long",
            ),
        )
        .caused_by("the request's deadline has passed")
    }

    /// 503: what is asked for is being made; `code` says what it is.
    pub fn not_ready(code: &'static str, title: Text) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title)
            .header(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS))
    }

    /// 504: another service took too long.
    pub fn gateway_timeout(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "gateway-timeout",
            Text::new(
                "Un service a mis trop de temps à répondre",
                "Another service took too long",
            ),
        )
        .caused_by(cause)
    }
}

/// What a failing database means to a client. A use case takes the errors that are facts of the business
/// (a duplicate, a failed check) out before this.
impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Unavailable(_)
            | db::Error::Stale(_)
            | db::Error::Busy
            | db::Error::InDoubt(_)
            | db::Error::Deadlock
            | db::Error::LockTimeout => Self::unavailable(error),
            // The request's: what a service writes of its own fits. Its field should have been refused before.
            db::Error::Unfit(_) => Self::unprocessable()
                .detail(
                    "Une valeur contient un caractère impossible à cet endroit, ou est trop grande",
                    "A value has a character that cannot stand there, or is too large",
                )
                .caused_by(error),
            db::Error::Duplicate { .. }
            | db::Error::Check { .. }
            | db::Error::ForeignKey
            | db::Error::Refused(_)
            | db::Error::Decode { .. } => Self::internal(error),
        }
    }
}

/// What a failing Redis means to a client, where nothing can be done without it.
impl From<cache::Error> for Problem {
    fn from(error: cache::Error) -> Self {
        match error {
            cache::Error::Unavailable(_) | cache::Error::Lost(_) | cache::Error::Full(_) => {
                Self::unavailable(error)
            }
            cache::Error::UnknownScript | cache::Error::Unexpected(_) | cache::Error::Json(_) => {
                Self::internal(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_fits_no_column_is_whose_it_is() {
        let unfit = db::Error::Unfit("1267".into());
        let problem = Problem::from(unfit);
        assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(problem.causes().is_some());
    }
}
