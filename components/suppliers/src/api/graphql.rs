//! `/graphql`, as the specification GraphQL over HTTP has it: POST for everything, GET for queries, status codes
//! that say whether there is an answer. A browser that comes without a query is shown a page to ask from.
//!
//! Everybody has to be signed in for anything, the schema too.

use async_graphql::Variables;
use axum::body;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use commerce::{BoundedText, Text};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY};
use serde::Deserialize;
use serde_json::{Map, Value};
use service::openapi::Refusals;
use service::{Context, Invalid, Problem, Query, WebPage};

use super::accept::{self, Media};
use crate::access::Access;
use crate::answering::{Method, Question, answer};
use crate::app::App;
use crate::{limits, throttle};

/// A GraphQL request in JSON. Members that it does not know are ignored, as the specification wants.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GraphqlRequest)]
pub struct Body {
    /// A GraphQL document; its schema is docs/schema.graphql.
    #[schema(
        value_type = String, max_length = 65536,
        example = "{ products(first: 3) { edges { node { id sku quantity } } } }"
    )]
    query: BoundedText<{ limits::BODY }>,
    #[schema(value_type = Option<String>, max_length = 256)]
    operation_name: Option<BoundedText<256>>,
    #[schema(value_type = Option<Object>)]
    variables: Option<Map<String, Value>>,
    #[expect(
        dead_code,
        reason = "its shape is checked, and nothing in it is for us"
    )]
    #[schema(value_type = Option<Object>)]
    extensions: Option<Map<String, Value>>,
}

/// The same in a URL, where `variables` and `extensions` are JSON in text.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct Parameters {
    /// A GraphQL document, for whoever is not shown the page.
    #[param(value_type = Option<String>, min_length = 1, max_length = 65536)]
    query: Option<BoundedText<{ limits::BODY }>>,
    /// Which operation of the document is meant, if there are several.
    #[param(value_type = Option<String>, max_length = 256)]
    operation_name: Option<BoundedText<256>>,
    /// An object in JSON; none if empty.
    #[param(value_type = Option<String>, max_length = 65536, pattern = r"^(\s*\{[\s\S]*\}\s*)?$", example = "{}")]
    variables: Option<BoundedText<{ limits::BODY }>>,
    /// An object in JSON, of which nothing is read; none if empty.
    #[param(value_type = Option<String>, max_length = 65536, pattern = r"^(\s*\{[\s\S]*\}\s*)?$", example = "{}")]
    extensions: Option<BoundedText<{ limits::BODY }>>,
}

const RESPONSE: &str =
    "A GraphQL response, of the type that `Accept` prefers; GET answers a browser with a page";
const PARTLY: &str = "A GraphQL response with `data` and with `errors`";
const REFUSED: &str = "`errors` of a GraphQL response says why; in `application/json` such a response is answered 200";

/// Answers a GraphQL query. Mutations are refused with 405. A browser that comes without a query is shown a
/// page to ask from.
#[utoipa::path(get, path = "/graphql", tag = "suppliers", security(("bearer" = [])), params(Parameters),
    responses((status = 200, description = RESPONSE, content((Object = "application/graphql-response+json"),
            (Object = "application/json"), (String = "text/html")), headers(("ETag" = String, description = "Of the page"))),
        (status = 294, description = PARTLY, content((Object = "application/graphql-response+json"))),
        (status = 400, description = REFUSED, content((Object = "application/graphql-response+json"))),
        (status = 405, description = "`method-not-allowed`: a mutation is sent by POST", content((Object = "application/graphql-response+json"))),
        (status = 422, description = REFUSED, content((Object = "application/graphql-response+json"))),
        Refusals))]
pub async fn get(
    State(app): State<App>,
    State(page): State<WebPage>,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let has_query = parts.uri.query().is_some_and(|query| !query.is_empty());
    if !has_query && accept::wants_page(&parts.headers) {
        return Ok(show(&page));
    }
    let access = Access::from_request_parts(&mut parts, &app).await?;
    let Ok(context) = Context::from_request_parts(&mut parts, &app).await;
    throttle::enter(&context, &access).await?;
    let media = Media::accepted(&parts.headers)?;
    let question = parse_parameters(parameters)?;
    Ok(answer(&app, access, context, question, media).await)
}

/// Answers a GraphQL query or carries out a mutation.
#[utoipa::path(post, path = "/graphql", tag = "suppliers", security(("bearer" = [])), request_body = Body,
    responses((status = 200, description = RESPONSE, content((Object = "application/graphql-response+json"),
            (Object = "application/json"))),
        (status = 294, description = PARTLY, content((Object = "application/graphql-response+json"))),
        (status = 400, description = REFUSED, content((Object = "application/graphql-response+json"))),
        (status = 422, description = REFUSED, content((Object = "application/graphql-response+json"))),
        (status = 406, description = "`not-acceptable`: neither type is in `Accept`"),
        Refusals))]
pub async fn post(
    access: Access,
    context: Context,
    State(app): State<App>,
    request: Request,
) -> Result<Response, Problem> {
    throttle::enter(&context, &access).await?;
    let media = Media::accepted(request.headers())?;
    let question = parse_body(&read(request).await?)?;
    Ok(answer(&app, access, context, question, media).await)
}

/// The body, of which no more is read than is allowed, and nothing if it says that it is larger.
async fn read(request: Request) -> Result<Vec<u8>, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::unsupported_media_type("application/json"));
    }
    let too_large = || Problem::too_large(limits::BODY / 1024);
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limits::BODY) {
        return Err(too_large());
    }
    let bytes = body::to_bytes(request.into_body(), limits::BODY).await;
    bytes.map(Into::into).map_err(|error| {
        let source = std::error::Error::source(&error);
        let is_length =
            source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
        if is_length {
            too_large()
        } else {
            Problem::malformed().caused_by(error)
        }
    })
}

/// `application/json`, in UTF-8 if it says in what.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("charset").then_some(value)
    });
    let utf8 = charset.is_none_or(|name| name.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    media.eq_ignore_ascii_case("application/json") && utf8
}

fn parse_body(bytes: &[u8]) -> Result<Question, Problem> {
    // Serde would take the entries of a list for the members of a structure, and a batch for a request.
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[') => {
            let one = Text::new(
                "Une requête à la fois, et non une liste",
                "One request at a time, and no list",
            );
            let mut invalid = Invalid::new();
            invalid.refuse("", one);
            return Err(invalid.into());
        }
        _ => return Err(not_json()),
    }
    let body: Body = service::read_json(bytes)?;
    Ok(Question {
        method: Method::Post,
        document: body.query.into_string(),
        operation_name: body.operation_name.map(String::from),
        variables: Variables::from_json(body.variables.unwrap_or_default().into()),
    })
}

fn parse_parameters(parameters: Parameters) -> Result<Question, Problem> {
    let object = |name: &str, text: Option<Given>| match given(text) {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str::<Map<String, Value>>(&text).map_err(|_| {
            let text = Text::new("Un objet en JSON", "An object in JSON");
            wrong_parameter(name, text)
        }),
    };
    let document = given(parameters.query).ok_or_else(|| {
        let text = Text::new("Ce paramètre est obligatoire", "This parameter is required");
        wrong_parameter("query", text)
    })?;
    object("extensions", parameters.extensions)?;
    let variables = object("variables", parameters.variables)?;
    Ok(Question {
        method: Method::Get,
        document,
        operation_name: given(parameters.operation_name),
        variables: Variables::from_json(variables.into()),
    })
}

type Given = BoundedText<{ limits::BODY }>;

/// An empty parameter is none.
fn given<const MAX: usize>(text: Option<BoundedText<MAX>>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(String::from)
}

fn not_json() -> Problem {
    Problem::malformed().detail("Le corps n’est pas du JSON", "The body is not JSON")
}

fn wrong_parameter(name: &str, text: Text) -> Problem {
    let mut invalid = Invalid::new();
    invalid.refuse_parameter(name, text);
    invalid.into()
}

fn show(page: &WebPage) -> Response {
    let vary = [(VARY, HeaderValue::from_static("Accept"))];
    (vary, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(body: &str) -> Option<u16> {
        let refused = parse_body(body.as_bytes()).err()?;
        Some(refused.status().as_u16())
    }

    #[test]
    fn a_body_is_one_request_in_json() {
        for body in [
            r#"{"query": "{a}"}"#,
            r#" {"query": "{a}", "variables": null, "operationName": null, "extensions": null}"#,
            r#"{"query": "{a}", "variables": {"a": 1}, "unheardOf": true}"#,
        ] {
            assert_eq!(status(body), None, "{body}");
        }
        for (body, expected) in [
            ("", 400),
            ("NONSENSE", 400),
            (r#"{"query":"#, 400),
            ("{}", 422),
            (r#"{"qeury": "{a}"}"#, 422),
            (r#"{"query": {"a": 1}}"#, 422),
            (r#"{"query": "{a}", "variables": [7]}"#, 422),
            (r#"{"query": "{a}", "operationName": 7}"#, 422),
            (r#"[{"query": "{a}"}]"#, 422),
            (r#"["{a}"]"#, 422),
        ] {
            assert_eq!(status(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn empty_parameters_are_none() {
        let parameters = |query: &str, variables: &str| Parameters {
            query: query.to_owned().try_into().ok(),
            operation_name: Some(BoundedText::default()),
            variables: variables.to_owned().try_into().ok(),
            extensions: None,
        };
        let question = parse_parameters(parameters("{a}", "")).ok().unwrap();
        assert_eq!(question.operation_name, None);
        assert!(parse_parameters(parameters("", "")).is_err());
        assert!(parse_parameters(parameters("{a}", "[]")).is_err());
    }
}
