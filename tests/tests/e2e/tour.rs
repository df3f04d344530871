//! The tour in README.md, as a reader pastes it: all of it at once, into a shell.

use std::process::Stdio;

use comptoir_tests::{Shop, until};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

const README: &str = include_str!("../../../README.md");
/// Where the tour begins and ends, and the address that it is written for.
const FIRST: &str = "## Five minutes with curl";
const LAST: &str = "## Configuration";
const ADDRESS: &str = "http://127.0.0.1:3000";

/// The text of every `sh` block of the tour, one after the other.
fn tour() -> String {
    let tour = README.split(FIRST).nth(1).expect("the tour begins");
    let tour = tour.split(LAST).next().unwrap();
    let mut text = String::new();
    let mut is_inside = false;
    for line in tour.lines() {
        match line {
            "```sh" => is_inside = true,
            "```" => is_inside = false,
            line if is_inside => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// What the tour prints, and what it complains of.
async fn walk(shop: &Shop) -> (String, String) {
    let text = tour();
    assert!(text.contains(ADDRESS), "the tour says where the shop is");
    let text = text.replace(ADDRESS, &shop.url(""));
    let mut shell = Command::new("bash")
        .current_dir(shop.folder())
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = shell.stdin.take().unwrap();
    typed.write_all(text.as_bytes()).await.unwrap();
    drop(typed);
    let output = shell.wait_with_output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_readme_runs_when_it_is_pasted_at_once() {
    let shop = Shop::open_bare(&[]).await;
    shop.load_demo().await;
    // Reports are built once; after that they follow.
    until("the reports are there", async || {
        shop.tick().await;
        let ready = shop.api().get("/readyz").await.text();
        (!ready.contains("warn") && !ready.contains("fail")).then_some(())
    })
    .await;
    let (printed, complaints) = walk(&shop).await;
    assert_eq!(complaints, "", "{printed}");
    // In this order, each after the one before.
    let mut rest = printed.as_str();
    for expected in [
        // The account, what is looked for, the cart, the quote.
        "zoe@example.org",
        "\"name\": \"",
        "\"gross\"",
        "BIENVENUE",
        // The order, the payment, the refund.
        "\"order_number\"",
        "\"status\": \"awaiting_payment\"",
        "\"succeeded\"",
        "\"status\": \"succeeded\"",
        // What has happened, from the newest.
        "order.refunded",
        "order.paid",
        "order.placed",
        // The invoice, and what was issued.
        ".pdf",
        "\"kind\": \"credit_note\"",
        "\"kind\": \"invoice\"",
        // The supplier.
        "\"sku\"",
        "\"hasNextPage\"",
        "\"replayed\": false",
        // Reports.
        "\"on_hand\"",
        "\"revenue\"",
        "\"spent\"",
        "vat_rate",
    ] {
        let at = rest.find(expected);
        let at = at.unwrap_or_else(|| panic!("no {expected} in its place in:\n{printed}"));
        rest = &rest[at + expected.len()..];
    }
    for refusal in ["/problems/", "\"errors\"", "Proforma", "proforma"] {
        assert!(!printed.contains(refusal), "{refusal} in:\n{printed}");
    }
    let files = std::fs::read_dir(shop.folder()).unwrap();
    let names = files.map(|file| file.unwrap().path());
    let invoices: Vec<_> = names
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    assert_eq!(invoices.len(), 1, "{invoices:?}");
    let invoice = std::fs::read(&invoices[0]).unwrap();
    assert!(invoice.starts_with(b"%PDF-"), "{invoices:?}");
}
