//! A server with paged lists, and functions that read them.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use futures_util::stream::FusedStream;
use futures_util::{StreamExt, TryStreamExt};
use scorekit_core::{Items, PageParameter, PageStyle, Pages, Pagination, Response};
use tokio::sync::Semaphore;

use crate::*;

/// A bound on the requests of any test; an endless list ends here with an error.
const MOST_REQUESTS: usize = 150;

const OFFSET: PageStyle = PageStyle::Offset(PageParameter::Query("page[offset]"));
const NUMBER: PageStyle = PageStyle::Page {
    parameter: PageParameter::Query("page[number]"),
    first: 1,
};

/// Returns a paging by `style`, with the statements that the shop makes about the end.
pub(crate) const fn paging(style: PageStyle) -> Pagination {
    Pagination::new(style, &["data"])
        .size(PageParameter::Query("page[size]"))
        .total(&["total"])
        .next_link(&["links", "next"])
        .properties(&["/id"])
}

static BY_OFFSET: Pagination = paging(OFFSET).max_size(2);
static OF_UNKNOWN_SIZE: Pagination = paging(OFFSET);
static BY_NUMBER: Pagination = paging(NUMBER).max_size(2).page_count(&["page_count"]);

pub(crate) static KEYS: &[&[&SecurityScheme]] = &[&[&API_KEY_AUTH, &APP_KEY_AUTH]];

pub(crate) const fn operation(pagination: Option<&'static Pagination>) -> Operation {
    let operation = Operation::new("ListOrders", Method::GET, "/orders", &DATADOG).security(KEYS);
    match pagination {
        Some(pagination) => operation.pagination(pagination),
        None => operation,
    }
}

pub(crate) static LIST: Operation = operation(Some(&BY_OFFSET));
pub(crate) static LIST_OF_UNKNOWN_SIZE: Operation = operation(Some(&OF_UNKNOWN_SIZE));
pub(crate) static LIST_BY_NUMBER: Operation = operation(Some(&BY_NUMBER));
pub(crate) static ALL_AT_ONCE: Operation = operation(None);

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Orders {
    pub(crate) data: Option<Vec<Order>>,
    pub(crate) total: Option<i64>,
}

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Order {
    pub(crate) id: usize,
}

pub(crate) trait ReadOrders {
    /// Reads the orders of the list.
    fn orders(self) -> Items<Order>;
}

impl ReadOrders for Request<Orders> {
    fn orders(self) -> Items<Order> {
        self.items(|page| page.data.unwrap_or_default())
    }
}

/// A server that handles one request after another, and records them.
pub(crate) struct Shop {
    client: Client,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    /// A semaphore with a permit for each response.
    pub(crate) responses: Arc<Semaphore>,
    task: JoinHandle<()>,
}

/// A request, from which the response is decided.
pub(crate) struct Asked {
    /// The request's number, from 0.
    pub(crate) number: usize,
    /// The target, with its brackets unescaped, and the body.
    pub(crate) text: String,
    query: BTreeMap<String, usize>,
}

/// Decides a response.
type Respond = dyn Fn(&Asked) -> String + Send;

impl Asked {
    /// Reads a request. Also returns its query and body, as the shop records them.
    fn read(number: usize, request: &str) -> (Self, String) {
        let target = request.split(' ').nth(1).unwrap();
        let target = target.replace("%5B", "[").replace("%5D", "]");
        let (_, query) = target.split_once('?').unwrap_or_default();
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let numbers = pairs
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
            .collect();
        let asked = Self {
            number,
            text: format!("{target}{body}"),
            query: numbers,
        };
        (asked, format!("{query}{body}"))
    }

    pub(crate) fn get(&self, name: &str, otherwise: usize) -> usize {
        self.query.get(name).copied().unwrap_or(otherwise)
    }

    /// Returns the text between `before` and the next `&` or quotation mark.
    pub(crate) fn after(&self, before: &str) -> Option<&str> {
        let (_, after) = self.text.split_once(before)?;
        after.split(['&', '"']).next()
    }
}

impl Shop {
    pub(crate) async fn new(respond: impl Fn(&Asked) -> String + Send + 'static) -> Self {
        Self::open(Box::new(respond)).await
    }

    /// Starts the server: once in the test binary, while `new` is compiled for each closure.
    async fn open(respond: Box<Respond>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::new(keys().base_url(&url)).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let responses = Arc::new(Semaphore::new(1000));
        let (log, permits) = (Arc::clone(&asked), Arc::clone(&responses));
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                let (asked, logged) = Asked::read(number, &request);
                log.lock().unwrap().push(logged);
                permits.acquire().await.unwrap().forget();
                let response = if number < MOST_REQUESTS {
                    respond(&asked)
                } else {
                    page_of(Vec::new(), Some(-1)).replace("200 OK", "508 Loop Detected")
                };
                stream.write_all(response.as_bytes()).await.ok();
                stream.shutdown().await.ok();
            }
        });
        Self {
            client,
            asked,
            responses,
            task,
        }
    }

    /// Starts a shop of `orders` orders that respects the request. A page has two orders unless the
    /// request sets a size.
    pub(crate) async fn honest(orders: usize, tells_total: bool) -> Self {
        Self::new(move |asked| {
            let size = asked.get("page[size]", 2);
            let skipped = match asked.query.get("page[number]") {
                Some(number) => (number - 1) * size,
                None => asked.get("page[offset]", 0),
            };
            let page = (0..orders).skip(skipped).take(size).collect();
            page_of(page, tells_total.then_some(orders as i64))
        })
        .await
    }

    pub(crate) fn request(&self, operation: &'static Operation) -> Request<Orders> {
        self.client.request(operation)
    }

    /// Creates a request of another operation.
    pub(crate) fn request_as<T>(&self, operation: &'static Operation) -> Request<T> {
        self.client.request(operation)
    }

    /// Returns the query and the body of each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Creates a response with this body.
pub(crate) fn json_page(body: &str) -> String {
    http_response("200 OK", "connection: close\r\n", body)
}

/// Creates a response with these items.
pub(crate) fn page_with(items: impl IntoIterator<Item = Value>) -> String {
    let items: Vec<_> = items.into_iter().collect();
    json_page(&serde_json::json!({ "data": items }).to_string())
}

pub(crate) fn page_of(ids: Vec<usize>, total: Option<i64>) -> String {
    http_response("200 OK", "connection: close\r\n", &body_of(ids, total))
}

pub(crate) fn body_of(ids: impl IntoIterator<Item = usize>, total: Option<i64>) -> String {
    let data: Vec<_> = ids
        .into_iter()
        .map(|id| serde_json::json!({"id": id}))
        .collect();
    serde_json::json!({"data": data, "total": total}).to_string()
}

/// Returns the identifiers of all items, and the error if the list ended with one.
pub(crate) async fn read(items: Items<Order>) -> (Vec<usize>, Option<Error>) {
    let mut items = pin!(items);
    let mut ids = Vec::new();
    while let Some(item) = StreamExt::next(&mut items).await {
        match item {
            Ok(order) => ids.push(order.id),
            Err(error) => {
                assert!(items.is_terminated());
                assert!(StreamExt::next(&mut items).await.is_none());
                return (ids, Some(error));
            }
        }
    }
    assert!(items.is_terminated());
    assert!(StreamExt::next(&mut items).await.is_none());
    (ids, None)
}

pub(crate) async fn ids(request: Request<Orders>) -> Vec<usize> {
    let (ids, error) = read(request.orders()).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

/// Returns the number of items on each page.
pub(crate) async fn lengths(pages: Pages<Orders>) -> Vec<usize> {
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let length = |page: &Response<Orders>| page.data.as_ref().map_or(0, Vec::len);
    pages.iter().map(length).collect()
}
