//! A component that does what the tests of the host ask for: each path is one thing to try, and
//! the answer tells, as text, what the component saw of it.

mod database;
mod keys;

use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request as HttpRequest, Response};
use http_body::Body;
use http_body_util::BodyExt as _;
use spin_sdk::http::{BoxBody, EmptyBody, FullBody, IntoResponse, Request, box_body};
use spin_sdk::http_service;
use spin_sdk::wasip3::http::types::RequestOptions;
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

static SERVED: AtomicU32 = AtomicU32::new(0);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let served = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let path = parts.uri.path().to_owned();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name == "echo" {
        // The body goes back as it comes in.
        return Response::new(box_body(body));
    }
    let text = match name {
        "headers" => parts
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
            .collect(),
        "uri" => parts.uri.to_string(),
        "served" => served.to_string(),
        "variable" => format!("{:?}", spin_sdk::variables::get(&query).await),
        "environment" => format!("{:?}", std::env::var(&query)),
        "print" => {
            println!("{{\"line\":\"out {query}\"}}");
            eprintln!("{{\"line\":\"err {query}\"}}");
            String::new()
        }
        "meet" => meet(&query).await,
        "sleep" => {
            eprintln!("sleeping");
            sleep(&query).await;
            "slept".to_owned()
        }
        "trap" => std::process::abort(),
        "fetch" => fetch(&query, None).await,
        "fetch-within-1ms" => fetch(&query, Some(1_000_000)).await,
        "forward" => return forward(&query, box_body(body)).await,
        "mysql" => database::run(&read(body).await).await,
        "hold" => database::hold(&read(body).await).await,
        "drop-during-a-call" => database::drop_during_a_call(&query).await,
        "drop-when-quiet" => database::drop_when_quiet(&query).await,
        "cancel-a-query" => database::cancel_a_query(&query).await,
        "redis" => keys::run(&read(body).await).await,
        _ => String::new(),
    };
    Response::new(box_body(FullBody::new(Bytes::from(text))))
}

async fn read<B: Body<Error: Debug>>(body: B) -> Vec<u8> {
    body.collect().await.unwrap().to_bytes().to_vec()
}

async fn sleep(milliseconds: &str) {
    let milliseconds = milliseconds.parse().unwrap_or_default();
    spin_sdk::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// Waits for another request in this instance, at most so many milliseconds.
async fn meet(patience: &str) -> String {
    static CAME: AtomicU32 = AtomicU32::new(0);
    static HERE: AtomicU32 = AtomicU32::new(0);
    eprintln!("waiting");
    let mine = CAME.fetch_add(1, Ordering::Relaxed) + 1;
    let mut met = HERE.fetch_add(1, Ordering::Relaxed) > 0;
    for _ in 0..patience.parse().unwrap_or(0) / 10 {
        if met {
            break;
        }
        sleep("10").await;
        met = CAME.load(Ordering::Relaxed) > mine;
    }
    HERE.fetch_sub(1, Ordering::Relaxed);
    if met { "met" } else { "alone" }.to_owned()
}

async fn fetch(url: &str, nanoseconds: Option<u64>) -> String {
    let mut request = HttpRequest::get(url).body(EmptyBody::new()).unwrap();
    if let Some(timeout) = nanoseconds {
        let options = RequestOptions::new();
        options.set_first_byte_timeout(Some(timeout)).unwrap();
        options.set_between_bytes_timeout(Some(timeout)).unwrap();
        let extension = RequestOptionsExtension(options);
        request.extensions_mut().insert(extension);
    }
    match spin_sdk::http::send(request).await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            format!("{status} {}", String::from_utf8_lossy(&body))
        }
        Err(error) => format!("{error:?}"),
    }
}

async fn forward(url: &str, body: BoxBody) -> Response<BoxBody> {
    let request = HttpRequest::post(url).body(body).unwrap();
    let response = spin_sdk::http::send(request).await.unwrap();
    response.map(box_body)
}
