//! A walk through the shop that makes every write of the API once.

use comptoir_tests::{Answer, Person, Request, address, sellers_identity};
use serde_json::{Value, json};

use crate::counter::{Counter, body};
use crate::warehouse::{self, delivery};

/// A delivery, as a machine tells it.
pub const TELL: &str = "mutation ($input: RestockInput!) { restock(input: $input) { replayed } }";

/// What was written, and who has written it, by the ids of the requests.
#[derive(Default)]
pub struct Walk(pub Vec<Step>);

pub struct Step {
    pub request: String,
    pub method: &'static str,
    /// As the OpenAPI document has it.
    pub path: &'static str,
    pub user: String,
}

impl Walk {
    /// Sends a request under an id of its own; its answer.
    async fn go(
        &mut self,
        user: &str,
        (method, path): (&'static str, &'static str),
        request: Request,
        status: u16,
    ) -> Answer {
        let id = format!("audit-{}", self.0.len());
        let sent = request.header("x-request-id", &id);
        // What changes something that is there.
        let answer = match (method, status) {
            ("patch" | "delete", _) | ("put", 200) => sent.if_match("*").await,
            _ => sent.await,
        };
        let answer = answer.is(status);
        self.0.push(Step {
            request: id,
            method,
            path,
            user: user.to_owned(),
        });
        answer
    }

    pub async fn accounts(&mut self, counter: &Counter) {
        let api = counter.shop.api();
        let new = json!({
            "email": "nora@example.org", "password": "correct horse battery",
            "first_name": "Nora", "last_name": "Petit",
        });
        let request = api.post("/api/auth/register", new);
        let created = self
            .go("", ("post", "/api/auth/register"), request, 201)
            .await;
        let id = created.id();
        self.0.last_mut().unwrap().user.clone_from(&id);
        let login = json!({ "email": "nora@example.org", "password": "correct horse battery" });
        let request = api.post("/api/auth/login", login);
        let tokens = self
            .go(&id, ("post", "/api/auth/login"), request, 200)
            .await;
        let tokens = tokens.json();
        let nora = api.with_token(tokens["access_token"].as_str().unwrap());
        let session = json!({ "refresh_token": tokens["refresh_token"] });
        let request = api.post("/api/auth/logout", session);
        self.go(&id, ("post", "/api/auth/logout"), request, 204)
            .await;
        let request = nora.patch("/api/auth/profile", json!({ "first_name": "Norah" }));
        self.go(&id, ("patch", "/api/auth/profile"), request, 200)
            .await;
        let passwords = json!({
            "current_password": "correct horse battery", "new_password": "staple battery horse",
        });
        let request = nora.post("/api/auth/password", passwords);
        self.go(&id, ("post", "/api/auth/password"), request, 204)
            .await;
        let admin = &counter.admin;
        let request = admin.patch(&format!("/api/users/{id}"), json!({ "role": "seller" }));
        self.go(&admin.id, ("patch", "/api/users/{id}"), request, 200)
            .await;
    }

    pub async fn catalog(&mut self, counter: &Counter, client: &Person) {
        let (admin, seller) = (&counter.admin, &counter.seller);
        let request = admin.post("/api/categories", json!({ "name": "Jardin" }));
        let made = self
            .go(&admin.id, ("post", "/api/categories"), request, 201)
            .await;
        let path = format!("/api/categories/{}", made.id());
        let request = admin.patch(&path, json!({ "enabled": false }));
        self.go(&admin.id, ("patch", "/api/categories/{id}"), request, 200)
            .await;
        let request = admin.delete(&path);
        self.go(&admin.id, ("delete", "/api/categories/{id}"), request, 204)
            .await;

        let item = json!({
            "name": "Gomme", "category_id": counter.category,
            "price": { "amount": 120, "currency": "EUR" }, "vat_rate": 2000,
        });
        let request = seller.post("/api/items", item);
        let made = self
            .go(&seller.id, ("post", "/api/items"), request, 201)
            .await;
        let path = format!("/api/items/{}", made.id());
        let request = seller.patch(&path, json!({ "name": "Gomme blanche" }));
        self.go(&seller.id, ("patch", "/api/items/{id}"), request, 200)
            .await;
        let stock = json!({ "delta": 7, "reason": "Inventaire" });
        let request = seller.post(&format!("{path}/stock"), stock);
        self.go(&seller.id, ("post", "/api/items/{id}/stock"), request, 201)
            .await;
        let reviews = format!("{path}/reviews");
        let request = client.post(&reviews, json!({ "rating": 4 }));
        let review = self
            .go(
                &client.id,
                ("post", "/api/items/{id}/reviews"),
                request,
                201,
            )
            .await;
        let review = format!("{reviews}/{}", review.id());
        let request = client.patch(&review, json!({ "rating": 5 }));
        let of_review = "/api/items/{id}/reviews/{review_id}";
        self.go(&client.id, ("patch", of_review), request, 200)
            .await;
        let report = json!({ "reason": "Injures" });
        let request = seller.post(&format!("{review}/report"), report);
        let of_report = "/api/items/{id}/reviews/{review_id}/report";
        self.go(&seller.id, ("post", of_report), request, 202).await;
        let statement = json!({ "ground": "terms", "reason": "Injures" });
        let request = admin
            .post(&format!("{review}/hide"), statement)
            .if_match("*");
        let of_hiding = "/api/items/{id}/reviews/{review_id}/hide";
        self.go(&admin.id, ("post", of_hiding), request, 200).await;
        let request = admin
            .post(&format!("{review}/restore"), Value::Null)
            .if_match("*");
        let of_restoring = "/api/items/{id}/reviews/{review_id}/restore";
        self.go(&admin.id, ("post", of_restoring), request, 200)
            .await;
        self.go(
            &client.id,
            ("delete", of_review),
            client.delete(&review),
            204,
        )
        .await;
        let request = seller.delete(&path);
        self.go(&seller.id, ("delete", "/api/items/{id}"), request, 204)
            .await;
    }

    pub async fn merchants(&mut self, counter: &Counter) {
        const LOGO: &[u8] = include_bytes!("../../../crates/invoice/examples/samples/logo.png");
        let (admin, id) = (&counter.admin, &counter.admin.id);
        let maker = counter.shop.seller().await;
        let own = format!("/api/merchants/{}", maker.id);
        let logo = format!("{own}/logo");
        let request = maker.put(&own, sellers_identity());
        self.go(&maker.id, ("put", "/api/merchants/{id}"), request, 201)
            .await;
        let approve = "/api/merchants/{id}/approve";
        let request = admin
            .post(&format!("{own}/approve"), Value::Null)
            .if_match("*");
        self.go(id, ("post", approve), request, 200).await;
        let change = maker.put(&own, sellers_identity());
        change.if_match("*").await.is(200);
        let proposal = "/api/merchants/{id}/proposal";
        let request = maker.delete(&format!("{own}/proposal"));
        self.go(&maker.id, ("delete", proposal), request, 204).await;
        let of_logo = "/api/merchants/{id}/logo";
        let request = maker.put_file(&logo, "image/png", LOGO);
        self.go(&maker.id, ("put", of_logo), request, 204).await;
        self.go(&maker.id, ("delete", of_logo), maker.delete(&logo), 204)
            .await;
        let request = admin.delete(&own);
        self.go(id, ("delete", "/api/merchants/{id}"), request, 204)
            .await;
        let of_code = "/api/discounts/{code}";
        let request = admin.put("/api/discounts/DIX", json!({ "percent": 10 }));
        self.go(id, ("put", of_code), request, 201).await;
        self.go(
            id,
            ("delete", of_code),
            admin.delete("/api/discounts/DIX"),
            204,
        )
        .await;
    }

    /// An order that was just placed, at an address of its own.
    async fn order(&mut self, client: &Person, key: &str, order: Value) -> String {
        let request = client.post("/api/orders", order).key(key);
        let placed = self
            .go(&client.id, ("post", "/api/orders"), request, 201)
            .await;
        format!("/api/orders/{}", placed.id())
    }

    async fn act(&mut self, who: &Person, order: &str, path: &'static str) {
        let action = path.rsplit('/').next().unwrap();
        let parcel = json!({ "carrier": "Colissimo", "tracking_number": "6A1" });
        let body = if action == "ship" { parcel } else { json!({}) };
        let request = who.post(&format!("{order}/{action}"), body);
        self.go(&who.id, ("post", path), request, 200).await;
    }

    pub async fn orders(&mut self, counter: &Counter, client: &Person) {
        let (admin, seller) = (&counter.admin, &counter.seller);
        let pen = body(&[(&counter.pen, 1)]);
        let order = self.order(client, "k1", pen.clone()).await;
        for path in [
            "/api/orders/{id}/mark-paid",
            "/api/orders/{id}/prepare",
            "/api/orders/{id}/ship",
            "/api/orders/{id}/deliver",
        ] {
            self.act(seller, &order, path).await;
        }
        let order = self.order(client, "k2", pen.clone()).await;
        self.act(client, &order, "/api/orders/{id}/cancel").await;
        let request = admin.delete(&order);
        self.go(&admin.id, ("delete", "/api/orders/{id}"), request, 204)
            .await;
        let mut of_company = pen.clone();
        of_company["company"] = json!({ "siren": "552100554" });
        of_company["billing_address"] = address();
        let order = self.order(client, "k3", of_company).await;
        self.act(seller, &order, "/api/orders/{id}/accept").await;

        let order = self.order(client, "k4", pen).await;
        let id = order.rsplit('/').next().unwrap();
        let pay = json!({ "order_id": id, "provider": "offline" });
        let request = client.post("/api/payments", pay).key("p1");
        let payment = self
            .go(&client.id, ("post", "/api/payments"), request, 201)
            .await;
        let payment = format!("/api/payments/{}", payment.id());
        let request = seller.post(&format!("{payment}/confirm"), json!({}));
        self.go(
            &seller.id,
            ("post", "/api/payments/{id}/confirm"),
            request,
            200,
        )
        .await;
        let refund = json!({ "reason": "Retour", "restock": false });
        let request = seller.post(&format!("{payment}/refunds"), refund).key("r1");
        self.go(
            &seller.id,
            ("post", "/api/payments/{id}/refunds"),
            request,
            201,
        )
        .await;
        self.refund_by_hand(counter, client).await;
    }

    /// What was paid in cash goes back by hand.
    async fn refund_by_hand(&mut self, counter: &Counter, client: &Person) {
        let (admin, seller) = (&counter.admin, &counter.seller);
        let pen = body(&[(&counter.pen, 1)]);
        let order = self.order(client, "k5", pen).await;
        self.act(seller, &order, "/api/orders/{id}/mark-paid").await;
        self.act(admin, &order, "/api/orders/{id}/cancel").await;
        let order = admin.get(&order).await.is(200).json();
        let payment = order["payment"]["link"].as_str().unwrap();
        let owed = admin.get(payment).await.is(200).json()["refunds"][0].clone();
        let path = format!("{payment}/refunds/{}/confirm", owed["id"].as_str().unwrap());
        let request = seller.post(&path, json!({}));
        let confirm = "/api/payments/{id}/refunds/{refund_id}/confirm";
        self.go(&seller.id, ("post", confirm), request, 200).await;
    }

    pub async fn webhooks(&mut self, admin: &Person) {
        let id = &admin.id;
        // Nobody listens there.
        let webhook = json!({ "url": "http://127.0.0.1:9/" });
        let request = admin.post("/api/webhooks", webhook);
        let made = self.go(id, ("post", "/api/webhooks"), request, 201).await;
        let path = made.header("location").to_owned();
        let request = admin.patch(&path, json!({ "description": "Caisse" }));
        self.go(id, ("patch", "/api/webhooks/{id}"), request, 200)
            .await;
        let request = admin.post(&format!("{path}/rotate-secret"), json!({}));
        self.go(
            id,
            ("post", "/api/webhooks/{id}/rotate-secret"),
            request,
            200,
        )
        .await;
        let request = admin.post(&format!("{path}/test"), json!({}));
        let sent = self
            .go(id, ("post", "/api/webhooks/{id}/test"), request, 202)
            .await;
        let again = format!("{path}/deliveries/{}/retry", sent.id());
        let retry = "/api/webhooks/{id}/deliveries/{delivery_id}/retry";
        self.go(id, ("post", retry), admin.post(&again, json!({})), 202)
            .await;
        let request = admin.delete(&path);
        self.go(id, ("delete", "/api/webhooks/{id}"), request, 204)
            .await;
    }

    pub async fn suppliers(&mut self, counter: &Counter) {
        let (admin, supplier) = (&counter.admin, counter.shop.supplier().await);
        let supply = json!({ "sku": "PEN", "supplier_id": supplier.id });
        let pen = format!("/api/items/{}", counter.pen.id);
        counter
            .seller
            .patch(&pen, supply)
            .if_match("*")
            .await
            .is(200);
        let keys = format!("/api/suppliers/{}/keys", supplier.id);
        let key = json!({ "name": "Entrepôt", "scopes": ["restock"] });
        let request = admin.post(&keys, key);
        let made = self
            .go(
                &admin.id,
                ("post", "/api/suppliers/{id}/keys"),
                request,
                201,
            )
            .await;
        let machine = counter
            .shop
            .api()
            .with_token(made.json()["secret"].as_str().unwrap());
        let lines = json!([{ "sku": "PEN", "quantity": 5 }]);
        let request = warehouse::post(&machine, TELL, delivery("BL-1", lines));
        self.go(&supplier.id, ("post", "/graphql"), request, 200)
            .await;
        let request = admin.delete(made.header("location"));
        let revoke = ("delete", "/api/suppliers/{id}/keys/{key_id}");
        self.go(&admin.id, revoke, request, 204).await;
    }
}
