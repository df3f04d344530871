//! A GraphQL request from its text to its answer: refused where it is too much, validated, carried out, and
//! told with what it cost.

use std::borrow::Cow;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Request, Variables};
use axum::response::{IntoResponse, Response};
use commerce::{Language, Text};
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, VARY};
use serde::Serialize;
use serde_json::Value;
use service::{Context, Problem};

use crate::access::Access;
use crate::api::Media;
use crate::app::App;
use crate::graphql::Asking;
use crate::limits::Excess;
use crate::limits::cost::Bill;
use crate::limits::escapes::resolve;
use crate::limits::merge::{merge, repeats_a_mutation};
use crate::limits::scan::scan;
use crate::limits::weigh::weigh;
use crate::throttle::{Cost, Throttle};
use crate::{refusal, shape};

/// The most errors that one answer tells.
const MOST_ERRORS: usize = 50;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// For queries only: whoever follows a link changes nothing.
    Get,
    Post,
}

/// A request, well formed as far as HTTP is concerned.
pub struct Question {
    pub method: Method,
    pub document: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
}

/// Answers it, whatever it is.
pub async fn answer(
    app: &App,
    access: Access,
    context: Context,
    mut question: Question,
    media: Media,
) -> Response {
    let language = context.language;
    if let Cow::Owned(resolved) = resolve(&question.document) {
        question.document = resolved;
    }
    let reply = match prepare(&question, language) {
        Ok(document) => carry_out(app, access, context, question, document, media).await,
        Err(reply) => Ok(reply),
    };
    match reply {
        Ok(reply) => reply.respond(media),
        Err(problem) => problem.into_response(),
    }
}

/// What is sent back.
struct Reply {
    status: StatusCode,
    body: Body,
    allow: bool,
}

/// A GraphQL response; its fields stay in the order in which they are put here.
#[derive(Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<async_graphql::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions>,
}

#[derive(Serialize)]
struct Extensions {
    cost: Cost,
}

impl Reply {
    /// A request that was not carried out: there is no `data`.
    fn refused(status: StatusCode, errors: Vec<Value>) -> Self {
        Self {
            status,
            body: Body {
                errors,
                data: None,
                extensions: None,
            },
            allow: false,
        }
    }

    fn of_problem(problem: &Problem, language: Language) -> Self {
        Self::refused(
            problem.status(),
            vec![refusal::of_problem(problem, language)],
        )
    }

    /// Clients from before the specification take `application/json` for an answer of GraphQL where its status is
    /// 200, and read the errors in it; of the specification's own type, the status says what it is.
    fn respond(self, media: Media) -> Response {
        let is_of_graphql = matches!(
            self.status,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
        );
        let status = match media {
            Media::Json if is_of_graphql => StatusCode::OK,
            Media::Json | Media::GraphqlResponse => self.status,
        };
        let text = match serde_json::to_string(&self.body) {
            Ok(text) => text,
            Err(error) => return Problem::internal(error).into_response(),
        };
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, media.content_type());
        let vary = HeaderValue::from_static("Accept, Accept-Language, Authorization");
        headers.insert(VARY, vary);
        if self.allow {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// The document, parsed, if it may be carried out.
fn prepare(question: &Question, language: Language) -> Result<ExecutableDocument, Reply> {
    let excess = |excess: Excess| Reply::of_problem(&excess.problem(), language);
    scan(&question.document).map_err(excess)?;
    let mut document = parse_query(&question.document).map_err(|error| {
        let error = refusal::of_error(&error.into(), "graphql-parse-failed");
        Reply::refused(StatusCode::BAD_REQUEST, vec![error])
    })?;
    weigh(&document).map_err(excess)?;
    merge(&mut document);
    let operation = choose(&document, question.operation_name.as_deref())
        .ok_or_else(|| Reply::of_problem(&unknown_operation(), language))?;
    if question.method == Method::Get && operation.ty != OperationType::Query {
        let problem = Problem::method_not_allowed();
        return Err(Reply {
            allow: true,
            ..Reply::of_problem(&problem, language)
        });
    }
    if let Some(name) = missing_variable(operation, &question.variables) {
        return Err(Reply::of_problem(&missing(name), language));
    }
    if repeats_a_mutation(&document, operation) {
        return Err(excess(Excess::Repeated));
    }
    let bill = Bill::new(&document, operation, &question.variables);
    bill.requested().map_err(excess)?;
    Ok(document)
}

/// The operation that is meant (GetOperation of the specification).
fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(own, _)| own.is_some_and(|own| own.as_str() == name)),
        None if operations.len() == 1 => operations.next(),
        None => None,
    };
    found.map(|(_, operation)| &operation.node)
}

/// The name of a variable that must have a value and has none.
fn missing_variable<'a>(
    operation: &'a OperationDefinition,
    variables: &Variables,
) -> Option<&'a str> {
    let definitions = operation.variable_definitions.iter();
    let mut names = definitions.filter_map(|definition| {
        let definition = &definition.node;
        let name = &definition.name.node;
        let given = variables.get(name);
        let is_null = given.is_some_and(|value| *value == async_graphql::Value::Null);
        let is_missing = given.is_none() && definition.default_value.is_none();
        let required = !definition.var_type.node.nullable;
        (required && (is_null || is_missing)).then_some(name.as_str())
    });
    names.next()
}

fn unknown_operation() -> Problem {
    let title = Text::new(
        "L’opération à exécuter n’est pas claire",
        "Which operation is meant is not clear",
    );
    Problem::unprocessable_as("unknown-operation", title)
}

fn missing(variable: &str) -> Problem {
    let title = Text::new(
        "Une variable obligatoire manque",
        "A required variable is missing",
    );
    Problem::unprocessable_as("missing-variable", title).with("variable", variable)
}

async fn carry_out(
    app: &App,
    access: Access,
    context: Context,
    question: Question,
    document: ExecutableDocument,
    media: Media,
) -> Result<Reply, Problem> {
    let language = context.language;
    let operation = choose(&document, question.operation_name.as_deref());
    let operation = operation.ok_or_else(unknown_operation)?;
    let bill = Bill::new(&document, operation, &question.variables);
    let throttle = Throttle::take(&context, &access.purse(), &bill).await?;
    let asking = Asking::new(access, context.clone(), app.db.clone(), app.catalog.clone());
    let mut request = Request::new(question.document)
        .variables(question.variables.clone())
        .data(asking);
    request.operation_name.clone_from(&question.operation_name);
    request.set_parsed_query(document.clone());
    let mut response = app.schema.execute(request).await;
    let cost = throttle.settle(&bill, &response.data).await;

    let errors: Vec<Value> = response
        .errors
        .iter()
        .take(MOST_ERRORS)
        .map(|error| refusal::of_server_error(&context, error, language))
        .collect();
    // What went wrong while it was carried out has a place in the answer; what went wrong before has none.
    if !errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty()) {
        return Ok(Reply::refused(StatusCode::UNPROCESSABLE_ENTITY, errors));
    }
    let failed = response.errors.iter().map(|error| error.path.as_slice());
    shape::fill(&mut response.data, failed);
    // Where everything was skipped, there is an answer with nothing in it.
    let data = match response.data {
        async_graphql::Value::Null => async_graphql::Value::Object(Default::default()),
        data => shape::order(&document, &operation.selection_set.node, data),
    };
    Ok(Reply {
        status: status(!errors.is_empty(), media),
        body: Body {
            errors,
            data: Some(data),
            extensions: Some(Extensions { cost }),
        },
        allow: false,
    })
}

/// 294, "partial success", is what the specification recommends where there are data and errors, with its own
/// media type only.
fn status(has_errors: bool, media: Media) -> StatusCode {
    match media {
        Media::GraphqlResponse if has_errors => StatusCode::from_u16(294).unwrap_or(StatusCode::OK),
        _ => StatusCode::OK,
    }
}
