//! What Prometheus asks.

use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use service::Problem;

use crate::metrics::Metrics;

/// Needs `Authorization: Bearer` with the variable `metrics_token`; without that variable it is 404.
pub async fn show(
    headers: HeaderMap,
    State(metrics): State<Metrics>,
) -> Result<impl IntoResponse, Problem> {
    let text = metrics.read(&headers).await?;
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    ))
}
