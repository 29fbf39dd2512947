//! A program that uses the crates of `base.yaml`. It names every type, builds every request, calls
//! every setter, reads every field and matches every enum as strictly as the compiler allows.
#![allow(dead_code, deprecated, dropping_copy_types, unreachable_patterns)]

use std::collections::BTreeMap;

use super::{depot, shop, stock};

use shop::requests::{CreateOrder, DeleteOrder, GetOrder, ListLines, ListOrders, ReplaceOrder};
use shop::resources::{Lines, Orders};
use shop::types::{
    Color, Currency, Kind, Label, Line, Money, Order, OrderAnswer, OrderAttributes, OrderId,
    OrderList, OrderOrigin, OrderReplaceData, OrderReplaceRequest, OrderRequest, State, Value,
    View,
};
use shop::{CallOptions, Client, Config, Date, DateTime, Error, Items, Pages, Response};

fn clients(core: scorekit_core::Client) -> Result<(Client, stock::Client, depot::Client), Error> {
    let _: Client = core.clone().into();
    let _ = Client::new(Config::new())?;
    let _ = stock::Client::from(core.clone());
    let _ = stock::Client::new(Config::new())?;
    let _ = depot::Client::from(core.clone());
    let _ = depot::Client::new(Config::new())?;
    Ok((
        Client::from_core(core.clone()),
        stock::Client::from_core(core.clone()),
        depot::Client::from_core(core),
    ))
}

async fn list(client: &Client, since: &DateTime) -> Result<(), Error> {
    let orders: Orders = client.orders();
    let request: ListOrders = orders.list();
    let request: ListOrders = request
        .offset(1)
        .limit(10)
        .color(Color::Red)
        .since(since)
        .text("lamp")
        .x_trace("trace")
        .with(CallOptions::default());
    let _: Response<OrderList> = request.clone().send().await?;
    let _: Items<Order> = request.clone().items();
    let mut pages: Pages<OrderList> = request.pages();
    let _: Option<Result<OrderList, Error>> = pages
        .next()
        .await
        .map(|page| page.map(Response::into_inner));
    let mut items = client.list_orders().items();
    let _: Option<Result<Order, Error>> = items.next().await;
    Ok(())
}

async fn single(client: &Client) -> Result<(), Error> {
    let request: GetOrder = client
        .orders()
        .get(&OrderId::from("1"), &View::from("full"), 2_i32)
        .with(CallOptions::default());
    let _: Response<Order> = request.send().await?;
    let request: GetOrder = client.get_order(&OrderId::from("1"), &View::from("full"), 2_i32);
    let _: Order = request.send().await?.into_inner();
    let request: DeleteOrder = client.orders().delete("1").with(CallOptions::default());
    let _: Response<()> = request.send().await?;
    let _: DeleteOrder = client.delete_order("1");
    Ok(())
}

async fn create(client: &Client) -> Result<(), Error> {
    let body: OrderRequest = OrderRequest::new("lamp", 2_i32)
        .color(Color::Green)
        .price(Money::new(1_i64, 2_i64, Currency::from("EUR"), Label::from("lamps")).rounded(true))
        .note("a note")
        .due("2026-01-01")
        .reference("r")
        .tags(["a", "b"])
        .value("text")
        .extras([("a", 1_i64)]);
    let request: CreateOrder = client.create_order(&body).with(CallOptions::default());
    let _: Response<Order> = request.send().await?;
    let _: CreateOrder = client.orders().create(body.clone());
    let OrderRequest {
        item,
        count,
        kind,
        color,
        price,
        note,
        due,
        reference,
        tags,
        value,
        extras,
        ..
    } = body;
    let _: (String, i32, Kind, Option<Color>) = (item, count, kind, color);
    let _: (
        Option<Money>,
        Option<String>,
        Option<Date>,
        scorekit_core::Nullable<String>,
    ) = (price, note, due, reference);
    let _: (
        Option<Vec<String>>,
        Option<Value>,
        Option<BTreeMap<String, i64>>,
    ) = (tags, value, extras);
    Ok(())
}

async fn replace(client: &Client) -> Result<(), Error> {
    let attributes = OrderAttributes::new("title");
    let data: OrderReplaceData = OrderReplaceData::new(attributes.clone());
    let body: OrderReplaceRequest = OrderReplaceRequest::new(data.clone());
    let _ = (
        OrderReplaceData::from(attributes.clone()),
        OrderReplaceRequest::from(data.clone()),
    );
    let _ = OrderReplaceRequest::from(attributes.clone());
    let request: ReplaceOrder = client
        .replace_order("1", &body)
        .with(CallOptions::default());
    let response: OrderAnswer = request.clone().send().await?.into_inner();
    let _: Order = response.data;
    let alone: ReplaceOrder<Order> = request.data_only();
    let _: Response<Order> = alone.send().await?;
    let _: Order = client
        .orders()
        .replace("1", attributes.clone())
        .send()
        .await?
        .into_inner();
    let _ = (
        client.orders().replace("1", data.clone()),
        client.orders().replace("1", body.clone()),
    );
    let (_, _): (Kind, OrderAttributes) = (data.kind, data.attributes);
    let (_, _): (String, OrderReplaceData) = (attributes.title, body.data);
    Ok(())
}

async fn lines(client: &Client) -> Result<(), Error> {
    let lines: Lines = client.lines();
    let request: ListLines = lines.list("1").with(CallOptions::default());
    let list: Vec<Line> = request.send().await?.into_inner();
    let _: ListLines = client.list_lines("1");
    for Line { item, amount, .. } in list {
        let _: (String, Option<i64>) = (item, amount);
    }
    Ok(())
}

async fn items(client: &stock::Client) -> Result<(), Error> {
    let handle: stock::resources::Items = client.items();
    let request: stock::requests::ListItems = handle.list().with(CallOptions::default());
    let list: Vec<stock::types::Item> = request.send().await?.into_inner();
    let _: stock::requests::ListItems = client.list_items();
    for item in list {
        let _: (String, Option<i64>) = (item.name, item.left);
    }
    let _ = stock::types::Item::default();
    Ok(())
}

async fn many(client: &depot::Client) -> Result<(), Error> {
    use depot::requests::CreateWares;
    use depot::types::{NewWares, Ware};

    let list = vec![Ware::new("lamp").stored(1_i64)];
    let body: NewWares = NewWares::new(list.clone()).dry(true);
    let _: (Vec<Ware>, Option<bool>) = (body.items.clone(), body.dry);
    let request: CreateWares = client.create_wares(&body).with(CallOptions::default());
    let _: Response<Vec<Ware>> = request.clone().send().await?;
    let _ = request.push(list.clone());
    let wares: depot::resources::Wares = client.wares();
    let _: CreateWares = wares.create_many(body);
    let _ = wares.create_all(NewWares::new([]), list);
    Ok(())
}

async fn export(client: &depot::Client) -> Result<(), Error> {
    use depot::requests::ExportWares;
    use depot::types::{ExportWaresResponse, Filter, Job, Ware};

    let filter: Filter = Filter::new().name("lamp");
    let _: Option<String> = filter.name.clone();
    let request: ExportWares = client
        .export_wares()
        .body(&filter)
        .with(CallOptions::default());
    let response: ExportWaresResponse = request.send().await?.into_inner();
    match response {
        ExportWaresResponse::Ok(items) => drop::<Vec<Ware>>(items),
        ExportWaresResponse::Accepted(Job { number, .. }) => drop::<i64>(number),
        _ => {}
    }
    let exports: depot::resources::Exports = client.exports();
    let _: ExportWares = exports.start().body(&filter);
    Ok(())
}

async fn search(client: &depot::Client) -> Result<(), Error> {
    use depot::requests::SearchWares;
    use depot::types::{Found, Match, ShelfMatch, ShelfMatchWhat, WareMatch, WareMatchWhat};

    let searches: depot::resources::Searches = client.searches();
    let request: SearchWares = searches
        .search("lamp")
        .shelves(["a", "b"])
        .visit("1")
        .most(10);
    let found: Found = request
        .with(CallOptions::default())
        .send()
        .await?
        .into_inner();
    match found.best {
        Some(Match::WareMatch(WareMatch { ware, what, .. })) => {
            drop::<(Option<String>, WareMatchWhat)>((ware, what))
        }
        Some(Match::ShelfMatch(ShelfMatch { shelf, what, .. })) => {
            drop::<(Option<String>, ShelfMatchWhat)>((shelf, what))
        }
        _ => {}
    }
    let _ = (WareMatchWhat::Ware, ShelfMatchWhat::Shelf);
    let _: SearchWares = client.search_wares("lamp");
    Ok(())
}

fn read(list: OrderList, order: Order) {
    let _: (Vec<Order>, Option<i64>) = (list.data, list.total);
    let Order {
        id,
        count,
        big,
        price,
        created_at,
        day,
        state,
        ..
    } = order.clone();
    let _: (String, i32, Option<i64>, Money) = (id, count, big, price);
    let _: (DateTime, Option<Date>, State) = (created_at, day, state);
    let Order {
        note,
        tags,
        labels,
        value,
        origin,
        gift,
        weight,
        ..
    } = order;
    let _: (Option<String>, Option<Vec<String>>) = (note, tags);
    let _: (Option<BTreeMap<String, String>>, Option<Value>) = (labels, value);
    let _: (Option<bool>, Option<f64>) = (gift, weight);
    let origin: OrderOrigin = origin.unwrap_or_default();
    let _: Option<String> = origin.city;
}

fn money(money: Money) {
    let _: i64 = money.places;
    let _: (i64, String, String, Option<bool>) =
        (money.amount, money.currency, money.label, money.rounded);
}

fn enums(color: Color, state: State, value: Value) {
    match color {
        Color::Red | Color::Green | Color::Blue => {}
        Color::Unrecognized(text) => drop::<String>(text),
        _ => {}
    }
    match state {
        State::Open | State::Closed => {}
        _ => {}
    }
    let _: (&str, Color, Kind) = (State::Open.as_str(), Color::from("red"), Kind::Order);
    let _: &[&str] = Color::VALUES;
    match value {
        Value::Text(text) => drop::<String>(text),
        Value::Number(number) => drop::<f64>(number),
        Value::Money(money) => drop::<Money>(money),
        _ => {}
    }
    let _ = (
        Value::from("text"),
        Value::from(String::new()),
        Value::from(1.0_f64),
    );
    let _: fn(Money) -> Value = Value::from;
}

/// Requires the traits of every type.
fn traits() {
    fn received<
        T: Clone
            + std::fmt::Debug
            + Default
            + PartialEq
            + serde::Serialize
            + serde::de::DeserializeOwned,
    >() {
    }
    fn sent<
        T: Clone + std::fmt::Debug + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
    >() {
    }
    fn handle<T: Clone + std::fmt::Debug + Send + Sync>() {}
    received::<OrderList>();
    received::<OrderOrigin>();
    received::<Line>();
    received::<Color>();
    received::<State>();
    received::<Kind>();
    sent::<Order>();
    sent::<OrderAnswer>();
    sent::<Money>();
    sent::<Value>();
    sent::<OrderRequest>();
    sent::<OrderReplaceRequest>();
    sent::<OrderReplaceData>();
    sent::<OrderAttributes>();
    sent::<depot::types::NewWares>();
    sent::<depot::types::Filter>();
    received::<depot::types::Ware>();
    received::<depot::types::Job>();
    received::<depot::types::Found>();
    received::<depot::types::Match>();
    handle::<(Client, Orders, Lines)>();
    handle::<(ListOrders, GetOrder, CreateOrder)>();
    handle::<(ReplaceOrder, DeleteOrder, ListLines)>();
    handle::<(depot::Client, depot::requests::SearchWares)>();
    handle::<(
        stock::Client,
        stock::resources::Items,
        stock::requests::ListItems,
    )>();
}
