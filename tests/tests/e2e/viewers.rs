//! What others of an order see of it: a seller sees what they sell, and nothing of anybody else.

use comptoir_tests::{Api, Item, Person, sell_in_own_name, sellers_identity, until};
use serde_json::{Value, json};

use crate::counter::{self, Counter, act, place};
use crate::discounts::payment_of;

/// Whatever is nobody else's to know is called so.
const CANARY: &str = "CANARI";

/// An order of two sellers who sell in their own names, and everything that may happen to it.
struct Shared {
    counter: Counter,
    client: Person,
    /// Everything of theirs is a canary.
    secretive: Person,
    curious: Person,
    order: String,
    payment: String,
    /// One that is not paid.
    unpaid: String,
}

async fn own_name(counter: &Counter, seller: &Person, name: &str, iban: &str) -> String {
    let mut own = sellers_identity();
    own["address"]["name"] = name.into();
    own["trade_name"] = name.into();
    own["register"] = name.into();
    own["iban"] = iban.into();
    own["email"] = format!("{}@vendeurs.example", name.to_lowercase()).into();
    own["shipping"] = json!({
        "fee": { "amount": 700, "currency": "EUR" }, "vat_rate": 2000,
    });
    sell_in_own_name(&counter.admin, seller, own).await.0
}

/// A product is renamed after it was sold, so that only orders know what it was called.
async fn renamed(seller: &Person, item: &Item) {
    let path = format!("/api/items/{}", item.id);
    let name = json!({ "name": "Un autre nom", "description": "Rien" });
    seller.patch(&path, name).if_match("*").await.is(200);
}

async fn open() -> Shared {
    let counter = counter::open().await;
    let (secretive, curious) = (counter.shop.seller().await, counter.shop.seller().await);
    own_name(&counter, &secretive, CANARY, "FR1420041010050500013M02606").await;
    own_name(&counter, &curious, "Bolet", "FR7630006000011234567890189").await;
    let secret = Item::create(&secretive, &counter.category, CANARY, 4321, 9).await;
    let bowl = Item::create(&curious, &counter.category, "Bol", 1800, 9).await;
    let client = counter.shop.client().await;
    let lines = [(&secret, 2), (&bowl, 1)];
    let order = place(&client, "k1", &lines).await.is(201).id();
    let unpaid = place(&client, "k2", &lines).await.is(201).id();
    renamed(&secretive, &secret).await;
    act(&counter.admin, &order, "mark-paid").await.is(200);
    let payment = payment_of(&counter.admin, &order).await;
    let refunds = format!("/api/payments/{payment}/refunds");
    let back = json!({
        "lines": [{ "item_id": secret.id, "quantity": 1 }], "shipping": true,
        "reason": format!("{CANARY} est cassé"), "restock": false,
    });
    secretive.post(&refunds, back).key("r1").await.is(201);
    let own = json!({
        "lines": [{ "item_id": bowl.id, "quantity": 1 }],
        "reason": "Bol fêlé", "restock": false,
    });
    curious.post(&refunds, own).key("r2").await.is(201);
    until("both refunds are in the order", async || {
        let path = counter::path(&order);
        let order = counter.admin.get(&path).await.is(200).json();
        (order["refunded"]["amount"] == 4321 + 700 + 1800).then_some(())
    })
    .await;
    let reason = json!({ "reason": format!("{CANARY} n’a plus rien") });
    let cancel = format!("/api/orders/{unpaid}/cancel");
    counter.admin.post(&cancel, reason).await.is(200);
    Shared {
        counter,
        client,
        secretive,
        curious,
        order,
        payment,
        unpaid,
    }
}

impl Shared {
    /// Every address under which this operation may tell something of the orders.
    fn addresses(&self, path: &str) -> Vec<String> {
        let ids = match path {
            _ if path.starts_with("/api/orders/{id}") => vec![&self.order, &self.unpaid],
            _ if path.starts_with("/api/payments/{id}") => vec![&self.payment],
            _ if path.starts_with("/api/merchants/{id}") => {
                vec![&self.secretive.id, &self.curious.id]
            }
            _ if path.starts_with("/api/users/{id}") => vec![&self.client.id, &self.secretive.id],
            _ => vec![&self.order],
        };
        let query = match path {
            "/api/payments" => format!("?order_id={}&limit=100", self.order),
            "/api/invoices/export.zip" => format!("?month={}", this_month()),
            _ => String::new(),
        };
        let with = |id: &&String| format!("{}{query}", path.replace("{id}", id));
        ids.iter().map(with).collect()
    }
}

/// The month that today is in, in UTC.
fn this_month() -> String {
    let days = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        / 86_400;
    // Civil from days (H. Hinnant), for the years that tests run in.
    let z = i64::try_from(days).unwrap() + 719_468;
    let era = z / 146_097;
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}")
}

/// The GET operations of the API, as its document has them.
fn reads() -> Vec<String> {
    let document = include_str!("../../../docs/openapi.json");
    let document: Value = serde_json::from_str(document).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let reads = paths
        .iter()
        .filter(|(_, operations)| operations.get("get").is_some());
    reads.map(|(path, _)| path.clone()).collect()
}

/// What a person reads in a file: the text of a page and of an archive, too.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if bytes.starts_with(b"%PDF") {
        let document = lopdf::Document::load_mem(bytes).unwrap();
        for object in document.objects.values() {
            if let Ok(stream) = object.as_stream()
                && let Ok(content) = stream.decompressed_content()
            {
                text.push_str(&String::from_utf8_lossy(&content));
            }
        }
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        text.push_str(&document.extract_text(&pages).unwrap_or_default());
    }
    if bytes.starts_with(b"PK") {
        let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes));
        let mut archive = archive.unwrap();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut inner = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut inner).unwrap();
            text.push_str(&text_of(&inner));
        }
    }
    text
}

#[tokio::test]
async fn no_read_of_the_api_tells_a_seller_anything_of_another() {
    let shared = open().await;
    let mut asked = 0;
    for path in reads() {
        for address in shared.addresses(&path) {
            // What a customer or an admin reads of it is where the canary lives: the test would notice it.
            let answer = shared.curious.get(&address).await;
            assert!(answer.status < 500, "{address}: {answer}");
            let text = text_of(&answer.bytes).to_uppercase();
            let of_the_catalogue = path.starts_with("/api/items") || path == "/openapi.json";
            assert!(
                of_the_catalogue || !text.contains(CANARY),
                "{address} tells of another seller: {answer}"
            );
            let invoice = format!("{:?}", answer.headers);
            assert!(!invoice.contains(CANARY), "{address}");
            asked += 1;
        }
    }
    assert!(asked >= 50, "{asked}");
    // Each of these is where an admin does read it.
    for path in [
        counter::path(&shared.order),
        format!("/api/orders/{}/events", shared.order),
        format!("/api/payments/{}", shared.payment),
        format!("/api/payments/{}/refunds", shared.payment),
        format!("/api/merchants/{}", shared.secretive.id),
    ] {
        let answer = shared.counter.admin.get(&path).await.is(200);
        assert!(answer.text().contains(CANARY), "{path}");
    }
}

#[tokio::test]
async fn a_seller_of_one_line_sees_their_part_of_an_order() {
    let shared = open().await;
    let (curious, order) = (&shared.curious, counter::path(&shared.order));
    let seen = curious.get(&order).await.is(200).json();
    assert_eq!(seen["lines"].as_array().unwrap().len(), 1);
    assert_eq!(seen["totals"]["gross"]["amount"], 1800 + 700);
    assert_eq!(seen["shipping"]["amount"], 700);
    assert_eq!(seen["refunded"]["amount"], 1800);
    assert_eq!(seen["status"], "partially_refunded");
    assert_eq!(seen["shipping_address"]["city"], "Paris");
    let listed = curious.list("/api/orders").await;
    assert!(listed.contains(&seen));
    let events = curious.list(&format!("{order}/events")).await;
    let refunds: Vec<&Value> = events
        .iter()
        .filter(|event| event["kind"] == "order.refunded")
        .collect();
    assert_eq!(refunds.len(), 1);
    assert_eq!(refunds[0]["reason"], "Bol fêlé");
    let paid = events.iter().find(|event| event["kind"] == "order.paid");
    assert_eq!(paid.unwrap()["actor"], json!({ "type": "staff" }));

    let payment = format!("/api/payments/{}", shared.payment);
    let payment = curious.get(&payment).await.is(200).json();
    assert_eq!(payment["amount"]["amount"], 1800 + 700);
    assert_eq!(payment["refunded"]["amount"], 1800);
    assert_eq!(payment["refunds"].as_array().unwrap().len(), 1);
    let list = format!("/api/payments/{}/refunds", shared.payment);
    assert_eq!(json!(curious.list(&list).await), payment["refunds"]);
    // Whoever asks for more than is left learns nothing of the rest.
    let more = json!({
        "lines": [{ "item_id": seen["lines"][0]["item_id"], "quantity": 1 }],
        "reason": "Encore", "restock": false,
    });
    let refused = curious.post(&list, more).key("r9").await;
    assert!(
        refused
            .problem(409, "line-refunded")
            .get("refundable")
            .is_none()
    );
}

#[tokio::test]
async fn a_seller_in_the_shops_name_sees_no_paper_and_no_buyer_that_others_share() {
    let counter = counter::open().await;
    let other = counter.shop.seller().await;
    let ink = Item::create(&other, &counter.category, "Encre", 600, 5).await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 2), (&ink, 1)];
    let order = place(&client, "k1", &lines).await.is(201).id();
    let seen = async |api: &Api| api.get(&counter::path(&order)).await.is(200).json();
    let part = seen(&other).await;
    for member in ["billing_address", "email", "company"] {
        assert_eq!(part[member], Value::Null, "{member}");
    }
    assert_eq!(part["shipping_address"]["name"], "Zoé Martin");
    assert_eq!(seen(&client).await["email"], client.email.as_str());
    let paper = format!("/api/orders/{order}/invoice.pdf");
    other.get(&paper).await.problem(403, "forbidden");
    act(&counter.admin, &order, "mark-paid").await.is(200);
    other.get(&paper).await.problem(403, "forbidden");
    client.get(&paper).await.is(200);
}

#[tokio::test]
async fn a_seller_has_the_pro_forma_of_their_own_lines() {
    let counter = counter::open().await;
    let maker = counter.shop.seller().await;
    own_name(&counter, &maker, "Bolet", "FR7630006000011234567890189").await;
    let bowl = Item::create(&maker, &counter.category, "Bol", 1800, 9).await;
    let client = counter.shop.client().await;
    let lines = [(&counter.pen, 1), (&bowl, 1)];
    let order = place(&client, "k1", &lines).await.is(201).id();
    let paper = format!("/api/orders/{order}/invoice.pdf");
    let own = maker.get(&paper).await.is(200);
    let whole = client.get(&paper).await.is(200);
    assert!(own.bytes.starts_with(b"%PDF") && own.bytes != whole.bytes);
    // The seller in the shop's name has the shop's, which is of nobody else's lines here.
    let shops = counter.seller.get(&paper).await.is(200);
    assert!(shops.bytes != own.bytes && shops.bytes != whole.bytes);
}
