//! A server that accepts orders, many in a request, and records them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scorekit_core::{Bulk, CallOptions, Delivery, ItemResult, Progress, Push, Stream};

use crate::script::{Script, ScriptedResponse, Step};
use crate::*;

/// The server's latency for a request.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

pub(crate) static ORDERS: Bulk = Bulk::new(&["data", "orders"], 10, 100_000)
    .rejection_statuses(&[409])
    .identified_by(&["number"]);

const fn operation(
    id: &'static str,
    retry: RetrySafety,
    headers: &'static [&'static str],
) -> Operation {
    Operation::new(id, Method::POST, "/orders", &DATADOG)
        .security(crate::pages::shop::KEYS)
        .headers(headers)
        .response(BodyKind::Empty)
        .retry(retry)
}

/// An idempotent operation.
pub(crate) static PUT_ORDERS: Operation = operation("PutOrders", RetrySafety::Idempotent, &[]);
/// An operation that is not idempotent.
pub(crate) static ADD_ORDERS: Operation = operation("AddOrders", RetrySafety::OnlyUnprocessed, &[]);
/// An operation with an argument for the owner of the orders.
pub(crate) static PUT_ORDERS_OF: Operation =
    operation("PutOrders", RetrySafety::Idempotent, &["x-organization-id"]);

#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) text: String,
}

pub(crate) fn order(number: u64) -> Order {
    let text = "ü".repeat(usize::try_from(number % 5).unwrap());
    Order { number, text }
}

pub(crate) fn orders(count: u64) -> impl Iterator<Item = Order> + Clone + Send {
    (0..count).map(order)
}

/// The orders of a request.
pub(crate) struct Load {
    pub(crate) numbers: Vec<u64>,
    pub(crate) bytes: usize,
    pub(crate) body: Value,
}

impl Load {
    pub(crate) fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap();
        let orders = value["data"]["orders"].as_array().unwrap();
        assert!(!orders.is_empty(), "a request without items");
        let number = |order: &Value| order["number"].as_u64().unwrap();
        Self {
            numbers: orders.iter().map(number).collect(),
            bytes: body.len(),
            body: value,
        }
    }
}

/// An order server over a script.
pub(crate) struct OrderServer {
    pub(crate) script: Arc<Script>,
    /// The orders of each request that succeeded.
    pub(crate) taken: Arc<Mutex<Vec<u64>>>,
    /// The requests.
    pub(crate) loads: Arc<Mutex<Vec<Load>>>,
}

/// Returns a response after the usual latency.
pub(crate) fn after(response: ScriptedResponse) -> Step {
    Step::After(LATENCY, Box::new(response.step()))
}

/// Decides the step that follows a number of requests.
type Decide = dyn Fn(usize, &Load) -> Step + Send + Sync;

impl OrderServer {
    /// Creates a server that decides with `decide`, and accepts the orders if that returns a 202.
    pub(crate) fn new(decide: impl Fn(usize, &Load) -> Step + Send + Sync + 'static) -> Self {
        Self::by(Box::new(decide))
    }

    fn by(decide: Box<Decide>) -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let loads = Arc::new(Mutex::new(Vec::new()));
        let (all_taken, all_loads) = (Arc::clone(&taken), Arc::clone(&loads));
        let script = Script::by(move |request| {
            let load = Load::read(request.body().unwrap().as_bytes().unwrap());
            let mut loads = all_loads.lock().unwrap();
            let step = decide(loads.len(), &load);
            let mut last = &step;
            while let Step::After(_, then) = last {
                last = then;
            }
            if matches!(last, Step::Respond(response) if response.status() == 202) {
                all_taken.lock().unwrap().extend(&load.numbers);
            }
            loads.push(load);
            step
        });
        Self {
            script,
            taken,
            loads,
        }
    }

    /// Creates a server that accepts everything.
    pub(crate) fn kind() -> Self {
        Self::new(|_, _| after(ScriptedResponse::new(202)))
    }

    /// Creates a server that rejects every request with an order that `is_bad`. It points at the
    /// bad ones if it is `precise`.
    pub(crate) fn picky(
        precise: bool,
        is_bad: impl Fn(u64) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(move |_, load| {
            let bad = |(_, number): &(usize, &u64)| is_bad(**number);
            let bad: Vec<usize> = load
                .numbers
                .iter()
                .enumerate()
                .filter(bad)
                .map(|(at, _)| at)
                .collect();
            match (bad.is_empty(), precise) {
                (true, _) => after(ScriptedResponse::new(202)),
                (false, true) => after(rejection(&bad)),
                (false, false) => after(ScriptedResponse::new(400)),
            }
        })
    }

    pub(crate) fn client(&self) -> Client {
        self.script.client(keys().base_url("http://127.0.0.1:9"))
    }

    pub(crate) fn request(&self, operation: &'static Operation) -> Request<()> {
        let request = self.client().request(operation);
        request.json(&serde_json::json!({"data": {"type": "orders", "orders": []}}))
    }

    pub(crate) fn push<'a>(&self, orders: impl Iterator<Item = Order> + Send + 'a) -> Push<'a> {
        self.request(&PUT_ORDERS).push(&ORDERS, orders)
    }

    /// Returns the number of orders of each request.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let loads = self.loads.lock().unwrap();
        loads.iter().map(|load| load.numbers.len()).collect()
    }

    /// Returns the accepted orders, in ascending order.
    pub(crate) fn taken(&self) -> Vec<u64> {
        let mut taken = self.taken.lock().unwrap().clone();
        taken.sort_unstable();
        taken
    }
}

/// Creates a 400 that points at items.
pub(crate) fn rejection(places: &[usize]) -> ScriptedResponse {
    let error = |place: &usize| {
        let pointer = format!("/data/orders/{place}/number");
        serde_json::json!({"title": "Bad", "source": {"pointer": pointer}})
    };
    let errors: Vec<Value> = places.iter().map(error).collect();
    let body = serde_json::json!({ "errors": errors }).to_string();
    ScriptedResponse::new(400).piece(Duration::ZERO, body)
}

/// Returns the results of all items, and checks that each has one.
pub(crate) async fn results(mut push: Push<'_>) -> (BTreeMap<u64, ItemResult>, Progress) {
    let mut results = BTreeMap::new();
    while let Some(pushed) = push.next().await {
        let index = pushed.index;
        assert!(
            results.insert(index, pushed).is_none(),
            "{index} came twice"
        );
    }
    assert!(push.next().await.is_none());
    let progress = push.progress();
    let count = |wanted: Option<Delivery>| {
        let is_wanted = |pushed: &&ItemResult| pushed.result.as_ref().ok() == wanted.as_ref();
        results.values().filter(is_wanted).count() as u64
    };
    assert_eq!(progress.read, results.len() as u64);
    assert_eq!(progress.sent, count(Some(Delivery::Sent)));
    assert_eq!(progress.already_sent, count(Some(Delivery::AlreadySent)));
    assert_eq!(progress.failed, count(None));
    (results, progress)
}

/// Returns the indexes of the failed items.
pub(crate) fn failed(results: &BTreeMap<u64, ItemResult>) -> Vec<u64> {
    let failed = results.values().filter(|pushed| pushed.result.is_err());
    failed.map(|pushed| pushed.index).collect()
}

/// Creates options that disable retries.
pub(crate) fn sent_once() -> CallOptions {
    CallOptions::new().retry(RetryPolicy::none())
}

pub(crate) fn is_a_stream<T: Stream + Send + Unpin>(_: &T) {}
