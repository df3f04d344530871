//! Limits before work: what a request may send, and that what is too much costs the shop nothing but its count.

use comptoir_tests::{Api, PASSWORD, Shop, address};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::counter::{self, place};
use crate::warehouse;

const ID: &str = "0192f0c1-2d3e-7abc-8def-0123456789ab";

/// A list of this many entries, behind which there is something that no list may have.
fn list(entry: &Value, count: usize) -> String {
    let entry = entry.to_string();
    let entries = vec![entry.as_str(); count];
    format!("[{}, nonsense", entries.join(","))
}

#[tokio::test]
async fn a_list_past_its_limit_is_refused_where_it_stops() {
    let shop = Shop::open().await;
    let (client, seller, admin) = (shop.client().await, shop.seller().await, shop.admin().await);
    let item = json!({ "item_id": ID, "quantity": 1 });
    let supplier = format!("/api/suppliers/{ID}/keys");
    let refunds = format!("/api/payments/{ID}/refunds");
    type Case<'a> = (&'a Api, &'a str, &'a str, String, &'a str, Value, usize);
    let cases: [Case; 6] = [
        (
            &client,
            "POST",
            "/api/orders/quote",
            "{".into(),
            "items",
            item.clone(),
            500,
        ),
        (
            &client,
            "POST",
            "/api/orders",
            format!("{{\"shipping_address\": {},", address()),
            "items",
            item.clone(),
            500,
        ),
        (
            &client,
            "PUT",
            "/api/cart/items",
            "{".into(),
            "items",
            item.clone(),
            100,
        ),
        (&seller, "POST", &refunds, "{".into(), "lines", item, 500),
        (
            &admin,
            "POST",
            "/api/webhooks",
            "{".into(),
            "event_types",
            json!("order.paid"),
            100,
        ),
        (
            &admin,
            "POST",
            &supplier,
            "{".into(),
            "scopes",
            json!("read"),
            10,
        ),
    ];
    for (api, method, path, before, name, entry, most) in cases {
        let method = method.parse().unwrap();
        let body = format!("{before}\"{name}\": {}", list(&entry, most + 1));
        let request = api.request(method, path).body("application/json", body);
        let request = request.in_language("en");
        let answer = match path {
            "/api/cart/items" => request.if_match("*").await,
            _ => request.key("k1").await,
        };
        let problem = answer.problem(422, "invalid-fields");
        let errors = json!([{
            "pointer": format!("/{name}"),
            "detail": format!("At most {most} entries"),
        }]);
        assert_eq!(problem["errors"], errors, "{path}");
    }
}

#[tokio::test]
async fn as_many_lines_as_there_may_be_are_read() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let pen = json!({ "item_id": counter.pen.id, "quantity": 1 });
    let body = json!({ "items": vec![pen; 500] });
    let quote = client.post("/api/orders/quote", body).await.is(200).json();
    assert_eq!(quote["lines"].as_array().unwrap().len(), 1);
    assert_eq!(quote["lines"][0]["quantity"], 500);
}

#[tokio::test]
async fn a_text_past_its_limit_is_refused_with_its_pointer() {
    let shop = Shop::open().await;
    let long = "é".repeat(10_000);
    let register = |field: &str| {
        let mut body = json!({
            "email": "zoe@example.org", "password": PASSWORD, "first_name": "Zoé", "last_name": "M",
        });
        body[field] = long.as_str().into();
        shop.api().post("/api/auth/register", body)
    };
    for field in ["email", "password", "first_name", "last_name"] {
        assert_eq!(
            register(field).await.invalid_fields(),
            [format!("/{field}")]
        );
    }
    let client = shop.client().await;
    let mut order = json!({ "items": [], "shipping_address": address() });
    order["shipping_address"]["city"] = long.as_str().into();
    let refused = client.post("/api/orders", order).key("k1").await;
    assert_eq!(refused.invalid_fields(), ["/shipping_address/city"]);
    let login = json!({ "email": long, "password": PASSWORD });
    let refused = shop.api().post("/api/auth/login", login).await;
    assert_eq!(refused.invalid_fields(), ["/email"]);
}

/// The status of an answer to a body whose length nobody says.
async fn send_chunked(shop: &Shop, path: &str, token: &str, bytes: usize) -> String {
    let url = shop.url("");
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nidempotency-key: k1\r\ntransfer-encoding: chunked\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 4096, " ".repeat(4096));
    for _ in 0..bytes / 4096 {
        // Whoever is refused need not be read to the end.
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    stream.write_all(b"0\r\n\r\n").await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_is_no_larger_than_its_route_says() {
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let body = |kib: usize| format!("{{\"items\": []{}}}", " ".repeat(kib * 1024));
    for path in ["/api/orders", "/api/orders/quote", "/api/cart/items"] {
        let request = client.request(reqwest::Method::POST, path).key("k1");
        let refused = request
            .body("application/json", body(65))
            .in_language("en")
            .await;
        let problem = refused.problem(413, "body-too-large");
        assert_eq!(problem["detail"], "At most 64 KiB", "{path}");
        let request = client.request(reqwest::Method::POST, path).key("k1");
        request.body("application/json", body(60)).await.is(422);
        let token = &client.access_token;
        let chunked = send_chunked(&counter.shop, path, token, 256 * 1024).await;
        assert!(chunked.contains("body-too-large"), "{path}: {chunked}");
    }
    // A picture may be larger.
    let picture = vec![0; 200 * 1024];
    let logo = counter
        .admin
        .put_file("/api/merchants/shop/logo", "image/png", &picture);
    logo.await.problem(422, "invalid-fields");
    let picture = vec![0; 257 * 1024];
    let logo = counter
        .admin
        .put_file("/api/merchants/shop/logo", "image/png", &picture);
    logo.await.problem(413, "body-too-large");
}

#[tokio::test]
async fn whatever_is_refused_was_counted_before() {
    let shop = Shop::open_with(&[("rate_limits", "write=6/600 graphql=4/3600")]).await;
    let client = shop.crowd(1).remove(0);
    let post = || client.request(reqwest::Method::POST, "/api/orders/quote");
    let json = "application/json";
    // A quote counts for five.
    post().body(json, " ".repeat(100 * 1024)).await.is(413);
    post().body(json, "{").await.is(429);
    let stranger = shop.api().with_token("forged");
    for status in [401, 401, 401, 401, 401, 401, 429] {
        stranger.post("/api/categories", json!({})).await.is(status);
    }
}

#[tokio::test]
async fn a_graphql_request_costs_a_point_whatever_is_in_it() {
    let warehouse = warehouse::open_with(&[("rate_limits", "graphql=6/3600")]).await;
    let path = format!("/api/suppliers/{}/keys", warehouse.supplier.id);
    let body = json!({ "name": "Entrepôt", "scopes": ["read"] });
    let made = warehouse.admin.post(&path, body).await.is(201).json();
    let machine = warehouse
        .shop
        .api()
        .with_token(made["secret"].as_str().unwrap());
    for api in [&*warehouse.supplier, &machine] {
        let post = || api.request(reqwest::Method::POST, "/graphql").accept("*/*");
        let json = "application/json";
        post().body(json, "nonsense").await.is(400);
        post().body("text/plain", "{}").await.is(415);
        post().body(json, "{\"query\": \"{\"}").await.is(400);
        let deep = "{ a ".repeat(40);
        post()
            .body(json, json!({ "query": deep }).to_string())
            .await
            .is(422);
        api.get("/graphql?query={__typename}&variables=[")
            .accept("*/*")
            .await
            .is(422);
        let costly =
            "{ purchaseOrders(first: 100) { edges { node { lines { product { name } } } } } }";
        post()
            .body(json, json!({ "query": costly }).to_string())
            .await
            .is(422);
        post()
            .body(json, json!({ "query": "{ __typename }" }).to_string())
            .await
            .is(429);
    }
}

#[tokio::test]
async fn dear_reads_count_for_what_they_cost_and_are_not_made_for_nobody() {
    let limits = "read=100/600 write=1000/60";
    let counter = counter::open_with(&[("rate_limits", limits)]).await;
    let client = counter.shop.client().await;
    let order = place(&client, "k1", &[(&counter.pen, 1)])
        .await
        .is(201)
        .id();
    let path = format!("/api/orders/{order}/invoice.pdf");
    let pdf = client.get(&path).await.is(200);
    assert!(pdf.bytes.len() > 1000);
    // Whoever asks only for its headers, or holds it, pays for the request and has no body.
    let head = client.request(reqwest::Method::HEAD, &path).await.is(200);
    assert_eq!((head.etag(), head.bytes.len()), (pdf.etag(), 0));
    assert!(!head.headers.contains_key("content-length"), "{head}");
    let same = client.get(&path).header("if-none-match", &pdf.etag()).await;
    same.is(304);
    client.get(&path).await.problem(429, "rate-limited");
    let other = client.get("/api/auth/profile").await.is(200);
    assert!(
        other.header("ratelimit").starts_with("\"read\";r="),
        "{other}"
    );
}

#[tokio::test]
async fn a_page_of_large_orders_is_shorter_than_it_was_asked_for() {
    const ITEMS: usize = 250;
    let counter = counter::open().await;
    let client = counter.shop.client().await;
    let mut lines = Vec::new();
    for number in 0..ITEMS {
        let name = format!("Stylo {number}");
        let category = &counter.category;
        let item = comptoir_tests::Item::create(&counter.seller, category, &name, 100, 20).await;
        lines.push(json!({ "item_id": item.id, "quantity": 1 }));
    }
    // Paid, because nobody may hold much for nothing.
    for number in 0..10 {
        let body = json!({ "items": lines, "shipping_address": address() });
        let key = format!("k{number}");
        let order = client
            .post("/api/orders", body)
            .key(&key)
            .await
            .is(201)
            .id();
        counter::act(&counter.seller, &order, "mark-paid")
            .await
            .is(200);
    }
    let first = client.get("/api/orders?limit=100").await.is(200);
    let orders = first.json()["data"].as_array().unwrap().clone();
    assert_eq!(orders.len(), 2_000 / ITEMS);
    for order in &orders {
        assert_eq!(order["lines"].as_array().unwrap().len(), ITEMS);
    }
    assert_eq!(client.list("/api/orders?limit=100").await.len(), 10);
}

#[tokio::test]
async fn a_large_answer_counts_for_more() {
    let shop = Shop::open_with(&[("rate_limits", "read=1000/600")]).await;
    let document = shop.api().get("/openapi.json").await.is(200);
    let more = document.bytes.len() / (32 * 1024);
    assert!(more > 3);
    let next = shop.api().get("/api/orders").await.is(401);
    let left = 1000 - 1 - more - 5;
    assert!(
        next.header("ratelimit")
            .starts_with(&format!("\"read\";r={left};")),
        "{next}"
    );
}
