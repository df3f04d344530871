//! The way of every request: in through one function, through the service's router, out with everything
//! that an answer owes to HTTP, whatever the handler was.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, ORIGIN, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode, Uri};
use http_body_util::Limited;
use spin_sdk::http::Request as SpinRequest;
use tower_service::Service as _;

pub use axum::body::Body;
use axum::body::HttpBody as _;

use crate::address::ClientAddress;
use crate::arrival::Arrival;
use crate::context::{Context, REQUEST_ID};
use crate::cors::AllowedOrigins;
use crate::headers;
use crate::house::House;
use crate::limits::{self, standing};
use crate::log::Line;
use crate::metrics;
use crate::patience::within;
use crate::problem::Problem;
use crate::service::Service;
use crate::settings::{SettingError, Settings};
use crate::statuses::REFUSED_TOKEN;
use crate::{caching, conditional, proxies};

/// The largest body that one service sends another.
const INSIDE_LIMIT: usize = 1024 * 1024;

/// The largest body of a request, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit(pub usize);

/// What an instance sets up once and all its requests use.
#[derive(Clone)]
struct App {
    router: Router,
    house: Arc<House>,
}

thread_local! {
    static APP: RefCell<Option<App>> = const { RefCell::new(None) };
}

/// Answers a request of a service, of which its name may be all there is to say. `build` makes its router,
/// once an instance.
pub async fn serve<F>(
    service: impl Into<Service>,
    request: SpinRequest,
    build: impl FnOnce(Settings) -> F,
) -> Response
where
    F: Future<Output = Result<Router, SettingError>>,
{
    let service = service.into();
    let mut request = request.map(Body::new);
    let mut context = Context::new(request.headers());
    without_trailing_slash(&mut request);

    let method = request.method().clone();
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();

    let (response, origins) = match app(build).await {
        Ok(app) => {
            context.enter(&app.house, &headers);
            let origins = app.house.origins.clone();
            (answer(&context, &service, app, request).await, origins)
        }
        Err(error) => (
            Problem::internal(error).into_response(),
            AllowedOrigins::default(),
        ),
    };
    let response = conditional::answer(&method, &headers, response);
    let (mut response, problem) = render_problem(&context, &path, response);
    Line {
        context: &context,
        service: service.name,
        method: &method,
        path: &path,
        status: response.status(),
        problem: problem.as_deref(),
    }
    .write();
    metrics::count_answer(service.name, &method, &context, response.status());
    metrics::flush_soon(&context);

    let preflight = AllowedOrigins::is_preflight(&method, &headers);
    origins.answer(headers.get(ORIGIN), preflight, response.headers_mut());
    let (status, asked) = (response.status(), (&method, &headers));
    caching::complete(service.is_public(), asked, status, response.headers_mut());
    finish_headers(&context, response.headers_mut());
    response
}

/// Writes the document of a problem that a handler, an extractor or the router has answered with.
fn render_problem(
    context: &Context,
    path: &str,
    mut response: Response,
) -> (Response, Option<Arc<Problem>>) {
    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    if let Some(problem) = &problem {
        let allow = response.headers_mut().remove(ALLOW);
        response = problem.render(context.language, path, &context.request_id);
        // Which methods there are, only the router knows.
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    (response, problem)
}

async fn app<F>(build: impl FnOnce(Settings) -> F) -> Result<App, SettingError>
where
    F: Future<Output = Result<Router, SettingError>>,
{
    if let Some(app) = APP.with_borrow(Option::clone) {
        return Ok(app);
    }
    let settings = Settings::new();
    let house = House::from_settings(&settings).await?;
    let router = build(settings)
        .await?
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn(metrics::note_route))
        // The entry has bounded the body by what its route takes.
        .layer(DefaultBodyLimit::disable());
    let app = App { router, house };
    APP.set(Some(app.clone()));
    Ok(app)
}

/// Lets the service answer, but not for ever: what a dropped handler had begun is rolled back.
async fn answer(context: &Context, service: &Service, app: App, request: Request) -> Response {
    if AllowedOrigins::is_preflight(request.method(), request.headers()) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let arrival = Arrival::default();
    let request = request.map(|body| arrival.watch(body));
    let answered = within(
        context.time_left(),
        admit_and_answer(context, service, app, request),
    );
    let answered = answered.await;
    answered.unwrap_or_else(|| {
        let problem = if arrival.is_awaited() {
            Problem::request_timeout()
        } else {
            Problem::deadline_passed()
        };
        problem.into_response()
    })
}

async fn admit_and_answer(
    context: &Context,
    service: &Service,
    mut app: App,
    request: Request,
) -> Response {
    let house = &app.house;
    let address = ClientAddress::new(request.headers(), house.proxies);
    proxies::look(context, house, request.headers(), address).await;
    let group = service.group(request.method(), request.uri().path());
    let asked = (request.method(), request.headers());
    let charge = match limits::admit(context, house, &group, asked, address).await {
        Ok(charge) => charge,
        Err(problem) => return problem.into_response(),
    };
    let from_inside = house.service_token.is_shown(request.headers());
    let limit = if from_inside {
        INSIDE_LIMIT
    } else {
        group.body_limit()
    };
    let mut request = match bound(request, limit) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = headers::check(request.headers()) {
        return problem.into_response();
    }
    request.extensions_mut().insert(context.clone());
    request.extensions_mut().insert(address);
    let Ok(response) = app.router.call(request).await;
    if let Some(charge) = charge {
        let bytes = response.body().size_hint().exact();
        charge.for_answer(context, &app.house, bytes).await;
    }
    response
}

/// The request with a body of which no more than this is read; refused unread if it says that it has more.
fn bound(mut request: Request, limit: usize) -> Result<Request, Problem> {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    if length.is_some_and(|length| length > most) {
        return Err(Problem::too_large(limit / 1024));
    }
    request.extensions_mut().insert(BodyLimit(limit));
    Ok(request.map(|body| Body::new(Limited::new(body, limit))))
}

/// `/api/items/` is `/api/items`.
fn without_trailing_slash(request: &mut Request) {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.len() == path.len() {
        return;
    }
    let with_query = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(uri) = with_query.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

/// Headers that every answer has; a page may have brought a policy of its own. What is about one request or one
/// visitor stands in no answer that a cache may give to others.
fn finish_headers(context: &Context, headers: &mut http::HeaderMap) {
    if !is_for_others(headers) {
        if let Ok(id) = HeaderValue::from_str(&context.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        standing::write(&context.standings(), headers);
    }
    if context.has_refused_token() {
        headers.entry(WWW_AUTHENTICATE).or_insert(REFUSED_TOKEN);
    }
    let defaults: [(HeaderName, &'static str); 3] = [
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}

/// Whether a cache may keep an answer for somebody else.
fn is_for_others(headers: &http::HeaderMap) -> bool {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|word| word.trim().eq_ignore_ascii_case("public"))
}
