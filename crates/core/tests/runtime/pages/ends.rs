//! The end of a list, the statements that confirm it, and servers with smaller pages than
//! requested.

use scorekit_core::{ErrorKind, PageParameter, PageStyle, Pagination};
use serde_json::json;

use super::shop::*;
use crate::*;

static MANY: Pagination =
    paging(PageStyle::Offset(PageParameter::Query("page[offset]"))).max_size(100);
static MANY_BY_NUMBER: Pagination = paging(PageStyle::Page {
    parameter: PageParameter::Query("page[number]"),
    first: 1,
})
.max_size(100);
static WITH_FLAG: Pagination = paging(PageStyle::Offset(PageParameter::Query("page[offset]")))
    .max_size(2)
    .has_more(&["meta", "more"]);
static LIST_MANY: Operation = operation(Some(&MANY));
static LIST_MANY_BY_NUMBER: Operation = operation(Some(&MANY_BY_NUMBER));
static LIST_WITH_FLAG: Operation = operation(Some(&WITH_FLAG));

/// Starts a server of `orders` orders that returns at most `cap` on a page, whatever the request
/// says.
async fn capped(orders: usize, cap: usize) -> Shop {
    Shop::new(move |asked| {
        let size = asked.get("page[size]", cap).min(cap);
        let skipped = match asked.get("page[number]", 0) {
            0 => asked.get("page[offset]", 0),
            number => (number - 1) * size,
        };
        page_of((0..orders).skip(skipped).take(size).collect(), None)
    })
    .await
}

#[tokio::test]
async fn pages_below_the_requested_size_lose_nothing() {
    for operation in [&LIST_MANY, &LIST_MANY_BY_NUMBER] {
        for ahead in [0, 4] {
            let shop = capped(1000, 50).await;
            let numbered = std::ptr::eq(operation, &raw const LIST_MANY_BY_NUMBER);
            // The first request of a numbered list has no number.
            let request = match numbered {
                true => shop.request(operation).query("page[number]", &1),
                false => shop.request(operation),
            };
            let (ids, error) = read(request.orders().prefetch(ahead)).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!(ids, Vec::from_iter(0..1000), "{ahead}");
            assert!(shop.asked().len() <= 22 + ahead, "{}", shop.asked().len());
        }
    }
}

#[tokio::test]
async fn links_without_next_confirm_only_a_short_page() {
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let ids: Vec<_> = (0..5).skip(first).take(2).collect();
        let data: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let links = match ids.last() {
            Some(4) | None => json!({}),
            Some(_) => json!({"next": "https://elsewhere.example/?page[offset]=77"}),
        };
        json_page(&json!({"data": data, "links": links}).to_string())
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3, 4]);
    assert_eq!(shop.asked().len(), 3, "{:?}", shop.asked());

    // The links of this server never have a next page, and its pages are full.
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let data: Vec<_> = (first..4.max(first))
            .take(2)
            .map(|id| json!({"id": id}))
            .collect();
        json_page(&json!({"data": data, "links": {"next": null}}).to_string())
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3]);
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn link_to_a_next_page_wins_over_a_total() {
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let data: Vec<_> = (first..6).take(2).map(|id| json!({"id": id})).collect();
        let next = (first < 4).then_some("?more");
        json_page(&json!({"data": data, "total": 2, "links": {"next": next}}).to_string())
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn last_page_number_ends_the_list() {
    for ahead in [0, 8] {
        let shop = Shop::new(|asked| {
            let first = (asked.get("page[number]", 1) - 1) * 2;
            let data: Vec<_> = (first..6).take(2).map(|id| json!({"id": id})).collect();
            json_page(&json!({"data": data, "page_count": 3}).to_string())
        })
        .await;
        let orders = shop.request(&LIST_BY_NUMBER).orders().prefetch(ahead);
        assert_eq!(read(orders).await.0, [0, 1, 2, 3, 4, 5]);
        assert_eq!(shop.asked().len(), 3, "{ahead}");
    }
}

#[tokio::test]
async fn flag_says_if_pages_remain() {
    let shop = Shop::new(|asked| {
        let first = asked.get("page[offset]", 0);
        let data: Vec<_> = (first..first + 1).map(|id| json!({"id": id})).collect();
        json_page(&json!({"data": data, "meta": {"more": first < 2}, "total": 1}).to_string())
    })
    .await;
    assert_eq!(ids(shop.request(&LIST_WITH_FLAG)).await, [0, 1, 2]);
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn caller_that_begins_inside_a_numbered_list_gets_all_of_the_rest() {
    // The server's pages have one item, and its total is right.
    let shop = Shop::new(|asked| {
        let number = asked.get("page[number]", 1);
        page_of((number - 1..6).take(1).collect(), Some(6))
    })
    .await;
    let request = shop.request(&LIST_BY_NUMBER).query("page[number]", &3);
    assert_eq!(ids(request).await, [2, 3, 4, 5]);
}

#[tokio::test]
async fn total_is_returned_with_the_items() {
    let shop = Shop::honest(3, true).await;
    let mut orders = shop.request(&LIST).orders();
    let mut pages = shop.request(&LIST).pages();
    assert_eq!((orders.total(), pages.total()), (None, None));
    orders.next().await.unwrap().unwrap();
    pages.next().await.unwrap().unwrap();
    assert_eq!((orders.total(), pages.total()), (Some(3), Some(3)));
}

#[tokio::test]
async fn total_that_is_never_reached_ends_with_an_empty_or_repeated_page() {
    // An empty page is an end whatever the total says.
    let shop = Shop::new(|asked| {
        page_of(
            (0..3).skip(asked.get("page[offset]", 0)).take(2).collect(),
            Some(9),
        )
    })
    .await;
    assert_eq!(ids(shop.request(&LIST)).await, [0, 1, 2]);
    assert_eq!(shop.asked().len(), 3);
    // A repeated page is not, because the total says that items are missing.
    let shop = Shop::new(|_| page_of(vec![0, 1], Some(9))).await;
    let (ids, error) = read(shop.request(&LIST).orders()).await;
    assert_eq!((ids, shop.asked().len()), (vec![0, 1], 2));
    assert_eq!(error.unwrap().kind(), ErrorKind::Incomplete);
}

/// Checks that a decoder that leaves out `null` does not move the position.
#[tokio::test]
async fn null_elements_count_for_the_position() {
    #[derive(serde::Deserialize)]
    struct Sparse {
        data: Vec<Option<Order>>,
    }
    let shop = Shop::new(|asked| {
        let list = [
            json!({"id": 0}),
            json!(null),
            json!({"id": 2}),
            json!(null),
            json!({"id": 4}),
        ];
        let first = asked.get("page[offset]", 0);
        page_with(list.into_iter().skip(first).take(2))
    })
    .await;
    let request = shop.request_as::<Sparse>(&LIST);
    let orders = request.items(|page| page.data.into_iter().flatten().collect());
    assert_eq!(read(orders).await.0, [0, 2, 4]);
    let offsets: Vec<_> = shop
        .asked()
        .iter()
        .map(|it| it.replace("page[size]=2", ""))
        .collect();
    assert_eq!(
        offsets,
        ["", "&page[offset]=2", "&page[offset]=4", "&page[offset]=5"]
    );
}
