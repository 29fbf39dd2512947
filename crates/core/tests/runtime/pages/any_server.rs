//! Property tests: a list without an error is the whole list, for any server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use scorekit_core::ErrorKind;

use super::shop::*;
use crate::properties::{paused, runner};
use crate::script::{Script, ScriptedResponse};
use crate::*;

/// A server of a list that does not change.
#[derive(Clone, Debug)]
struct AnyServer {
    orders: usize,
    /// The largest page.
    cap: usize,
    heeds_position: bool,
    heeds_size: bool,
    tells_total: bool,
    tells_links: bool,
    tells_page_count: bool,
    has_ids: bool,
    /// True if a position past the end gives the last page.
    clamps: bool,
}

impl AnyServer {
    fn page(&self, request: &reqwest::Request, number: usize) -> String {
        let argument = |name: &str| {
            let mut pairs = request.url().query_pairs();
            pairs
                .find(|(known, _)| known == name)?
                .1
                .parse::<usize>()
                .ok()
        };
        let asked = argument("page[size]").filter(|_| self.heeds_size);
        let size = asked.unwrap_or(self.cap).min(self.cap);
        let last = self.orders.saturating_sub(1) / size * size;
        let first = match argument("page[number]") {
            _ if !self.heeds_position => 0,
            Some(number) => number.saturating_sub(1) * size,
            None => argument("page[offset]").unwrap_or(0),
        };
        let first = if self.clamps { first.min(last) } else { first };
        let items: Vec<Value> = (first..self.orders)
            .take(size)
            .map(|id| match self.has_ids {
                true => serde_json::json!({"id": id, "at": number}),
                false => serde_json::json!({"id": id, "type": null, "at": number}),
            })
            .collect();
        let mut body = serde_json::json!({ "data": items });
        if self.tells_total {
            body["total"] = self.orders.into();
        }
        if self.tells_page_count {
            body["page_count"] = self.orders.div_ceil(size).into();
        }
        if self.tells_links {
            let next = (first + size < self.orders).then_some("?next");
            body["links"] = serde_json::json!({ "next": next });
        }
        body.to_string()
    }
}

fn any_server() -> impl Strategy<Value = AnyServer> {
    let flags = proptest::array::uniform7(any::<bool>());
    (0_usize..14, 1_usize..5, flags).prop_map(|(orders, cap, flags)| {
        let [position, size, total, links, pages, ids, clamps] = flags;
        AnyServer {
            orders,
            cap,
            heeds_position: position,
            heeds_size: size,
            tells_total: total,
            tells_links: links,
            tells_page_count: pages,
            has_ids: ids,
            clamps,
        }
    })
}

/// Checks for any server that a list without an error is the whole list, in order, and that the
/// number of requests is bounded.
#[test]
fn every_list_is_whole_or_an_error() {
    let property = |(server, ahead): (AnyServer, usize)| {
        for operation in [&LIST, &LIST_OF_UNKNOWN_SIZE, &LIST_BY_NUMBER] {
            let (ids, kind, asked) = paused(async {
                let server = server.clone();
                let number = AtomicUsize::new(0);
                let script = Script::by(move |request| {
                    let number = number.fetch_add(1, Ordering::SeqCst);
                    let body = server.page(request, number);
                    ScriptedResponse::new(200)
                        .piece(Duration::ZERO, body)
                        .step()
                });
                let client = script.client(keys());
                let orders = client.request::<Orders>(operation).orders();
                let (ids, error) = read(orders.prefetch(ahead)).await;
                let kind = error.map(|error| error.kind());
                (ids, kind, script.asked().len())
            });
            let whole = Vec::from_iter(0..server.orders);
            match kind {
                None => prop_assert_eq!(&ids, &whole),
                Some(kind) => {
                    prop_assert_eq!(kind, ErrorKind::Incomplete);
                    prop_assert!(whole.starts_with(&ids), "{ids:?}");
                }
            }
            if server.heeds_position && !server.clamps {
                prop_assert_eq!(kind, None);
            }
            prop_assert!(asked <= 2 * (server.orders + 2) + ahead, "{asked} requests");
        }
        Ok(())
    };
    runner().run(&(any_server(), 0_usize..4), property).unwrap();
}
