//! GraphQL requests that ask for too much: refused before they cost anything.

use std::time::{Duration, Instant};

use comptoir_tests::{Answer, Request, statements_run};
use serde_json::{Value, json};

use crate::warehouse::{Warehouse, ask, open, post};

/// What one refusal may take on a machine that is busy with other tests.
const CHEAP: Duration = Duration::from_millis(500);
const SHORT: usize = 1000;

/// The answer, if it is cheap: soon, short, and without the catalogue.
async fn cheap(warehouse: &Warehouse, name: &str, request: Request) -> Answer {
    let begun = Instant::now();
    let answer = request.await;
    let took = begun.elapsed();
    eprintln!(
        "{name}: {} in {took:?}, {} bytes",
        answer.status,
        answer.bytes.len()
    );
    assert!(took < CHEAP, "{name} took {took:?}");
    assert!(answer.bytes.len() < SHORT, "{name}: {answer}");
    assert!(!warehouse.shop.log().contains("/internal/products"));
    answer
}

fn code(answer: &Answer) -> Value {
    answer.json()["errors"][0]["extensions"]["code"].clone()
}

#[tokio::test]
async fn what_is_too_much_is_refused_cheaply() {
    let warehouse = open().await;
    let supplier = &warehouse.supplier;
    let query = |text: String| post(supplier, &text, Value::Null);
    // The instance is up, and knows the token.
    query("{ __typename }".into()).await.is(200);
    let before = statements_run(warehouse.shop.mysql()).await;

    let deep = format!("{}{}", "{ a ".repeat(30), "}".repeat(30));
    let aliases: String = (0..1000)
        .map(|number| format!("a{number}: __typename "))
        .collect();
    let mut bomb = "{ ...F0 }".to_owned();
    for number in 0..40 {
        let next = number + 1;
        bomb += &format!(" fragment F{number} on Query {{ ...F{next} ...F{next} }}");
    }
    bomb += " fragment F40 on Query { __typename }";
    let cycle = "{ ...A } fragment A on Query { ...A }";
    let costly = "{ purchaseOrders(first: 100) { edges { node { lines { product { name } } } } } }";
    for (name, document, expected) in [
        ("depth 30", deep, "query-too-deep"),
        (
            "1 000 aliases",
            format!("{{ {aliases} }}"),
            "too-many-aliases",
        ),
        ("50 000 brackets", "{".repeat(50_000), "query-too-deep"),
        (
            "100 directives",
            format!("{{ a {} }}", "@skip(if: true) ".repeat(100)),
            "too-many-directives",
        ),
        ("a bomb of fragments", bomb, "too-many-fields"),
        ("a fragment inside itself", cycle.into(), "query-too-deep"),
        ("30 000 words", "a ".repeat(30_000), "query-too-long"),
        ("2 111 points", costly.into(), "query-too-costly"),
        (
            "a name of 60 000 letters",
            format!("{{ {} }}", "p".repeat(60_000)),
            "name-too-long",
        ),
    ] {
        let answer = cheap(&warehouse, name, query(document)).await.is(422);
        assert_eq!(code(&answer), expected, "{name}");
    }

    let large = supplier.request(reqwest::Method::POST, "/graphql");
    let body = json!({ "query": format!("{{ __typename }} #{}", " ".repeat(2 * 1024 * 1024)) });
    let large = large.body("application/json", body.to_string());
    let answer = cheap(&warehouse, "a body of 2 MiB", large).await;
    answer.problem(413, "body-too-large");

    let batch = Value::from_iter(vec![json!({ "query": "{ __typename }" }); 500]);
    let batch = supplier.post("/graphql", batch);
    let answer = cheap(&warehouse, "a batch of 500", batch).await;
    answer.problem(422, "invalid-fields");

    // Other tests are on the same server; ours would have been ten at least.
    let after = statements_run(warehouse.shop.mysql()).await;
    eprintln!(
        "{} statements of the whole server meanwhile",
        after - before
    );
}

#[tokio::test]
async fn what_people_ask_is_within_the_limits() {
    let warehouse = open().await;
    // The introspection query of graphql-js, as GraphiQL and code generators send it.
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let introspection = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name kind }} mutationType {{ name kind }} \
         subscriptionType {{ name kind }} types {{ ...FullType }} directives {{ name description locations \
         args {{ ...InputValue }} }} }} }} fragment FullType on __Type {{ kind name description \
         fields(includeDeprecated: true) {{ name description args {{ ...InputValue }} type {{ ...TypeRef }} \
         isDeprecated deprecationReason }} inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ ...TypeRef }} }} fragment InputValue on __InputValue {{ name description \
         type {{ ...TypeRef }} defaultValue }} fragment TypeRef on __Type {{ {of_type} }}"
    );
    let data = ask(&warehouse.supplier, &introspection, Value::Null).await;
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 20);
}

#[tokio::test]
async fn the_schema_and_what_is_sent_have_a_price() {
    let warehouse = open().await;
    let cost = async |query: &str, variables: Value| {
        let answer = post(&warehouse.supplier, query, variables).await.is(200);
        answer.json()["extensions"]["cost"]["requestedQueryCost"].clone()
    };
    let fields = "{ __schema { types { name fields { name type { name } } } } }";
    let price = cost(fields, json!({})).await.as_u64().unwrap();
    assert!((10..100).contains(&price), "{price}");
    // The types of fields have fields, and so on: few words, and millions of objects.
    let mut deep = "name".to_owned();
    for _ in 0..6 {
        deep = format!("name fields {{ type {{ {deep} }} }}");
    }
    let query = format!("{{ __schema {{ types {{ {deep} }} }} }}");
    let refused = post(&warehouse.supplier, &query, json!({})).await.is(422);
    assert_eq!(code(&refused), "query-too-costly");

    let restock = crate::warehouse::RESTOCK;
    let line = json!({ "sku": "PEN", "quantity": 1 });
    let delivery = |count: usize| {
        let reference = format!("BL-{count}");
        crate::warehouse::delivery(&reference, vec![line.clone(); count].into())
    };
    let one = cost(restock, delivery(1)).await.as_u64().unwrap();
    let ten = cost(restock, delivery(10)).await.as_u64().unwrap();
    assert_eq!(ten, one + 9);
    let field = "restock(input: $input) { replayed }";
    let many: String = (0..30)
        .map(|number| format!("a{number}: {field} "))
        .collect();
    let many = format!("mutation ($input: RestockInput!) {{ {many} }}");
    let refused = post(&warehouse.supplier, &many, delivery(500))
        .await
        .is(422);
    assert_eq!(code(&refused), "query-too-costly");
    let extensions = &refused.json()["errors"][0]["extensions"];
    assert_eq!(extensions["requestedQueryCost"], 30 * (10 + 1 + 500));
}

#[tokio::test]
async fn what_stands_many_times_is_carried_out_and_paid_for_once() {
    let warehouse = open().await;
    let supplier = &warehouse.supplier;
    let price = |answer: &Answer| answer.json()["extensions"]["cost"]["actualQueryCost"].clone();
    let page = "products(first: 1) { edges { node { id } } } ";
    let once = post(supplier, &format!("{{ {page} }}"), json!({})).await;
    let often = post(supplier, &format!("{{ {} }}", page.repeat(240)), json!({})).await;
    assert_eq!(price(&often.is(200)), price(&once.is(200)));

    let field = "restock(input: $input) { replayed } ";
    let twice = format!("mutation ($input: RestockInput!) {{ {} }}", field.repeat(2));
    let line = json!({ "sku": "PEN", "quantity": 1 });
    let delivery = crate::warehouse::delivery("BL-1", json!([&line]));
    let told = post(supplier, &twice, delivery).await.is(200).json();
    assert_eq!(told["data"]["restock"]["replayed"], false, "{told:#}");
    // Where it cannot be written as one, it would be done twice.
    let apart = format!(
        "mutation ($input: RestockInput!) {{ ...A ...B }} fragment A on Mutation {{ {field} }} \
         fragment B on Mutation {{ {field} }}"
    );
    let delivery = crate::warehouse::delivery("BL-2", json!([line]));
    let refused = post(supplier, &apart, delivery).await.is(422);
    assert_eq!(code(&refused), "mutation-repeated");
    let sku = "S".repeat(65);
    let long = format!("{{ products(filter: {{ sku: \"{sku}\" }}) {{ edges {{ cursor }} }} }}");
    let refused = post(supplier, &long, json!({})).await;
    assert_eq!(code(&refused), "invalid-fields", "{refused}");

    // Where they differ, each is looked up and paid for: of fragments with a page each, not many are let in.
    let page = "products(first: 100) { edges { node { id } } }";
    let fragments: String = (0..50)
        .map(|number| format!("fragment F{number} on Query {{ {page} }} "))
        .collect();
    let spreads: String = (0..50).map(|number| format!("...F{number} ")).collect();
    let many = format!("{{ {spreads} }} {fragments}");
    let refused = post(supplier, &many, json!({})).await.is(422);
    assert_eq!(code(&refused), "query-too-costly");
}

#[tokio::test]
async fn an_answer_says_what_it_has_cost() {
    let warehouse = open().await;
    let page = "{ products(first: 50) { edges { node { id price { amount } } } pageInfo { hasNextPage } } }";
    let cost = |answer: Answer| answer.is(200).json()["extensions"]["cost"].clone();
    let two = cost(post(&warehouse.supplier, page, Value::Null).await);
    assert_eq!(two["requestedQueryCost"], 61);
    assert_eq!(two["actualQueryCost"], 13);
    let budget =
        json!({ "maximumAvailable": 1000, "currentlyAvailable": 1000, "restoreRate": 1000 });
    assert_eq!(two["throttleStatus"], budget);
    let pages = (0..11).map(|number| {
        format!(
            "a{number}: {}",
            &page[1..page.len() - 1].replace("50", "100")
        )
    });
    let document = format!("{{ {} }}", pages.collect::<String>());
    let refused = post(&warehouse.supplier, &document, Value::Null)
        .await
        .is(422)
        .json();
    let extensions = &refused["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "query-too-costly");
    assert_eq!(
        (&extensions["requestedQueryCost"], &extensions["limit"]),
        (&json!(1221), &json!(1000))
    );
}
