//! Unions of several types.

use std::cell::Cell;

use scorekit_core::UnknownMap;
use scorekit_core::{FromJson, json_object};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

thread_local! {
    /// The number of nested values that this thread has decoded.
    static DECODED: Cell<usize> = const { Cell::new(0) };
}

/// A nested value whose decoding is counted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Counted<T>(Box<T>);

impl<T: FromJson> FromJson for Counted<T> {
    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DECODED.set(DECODED.get() + 1);
        FromJson::from_json(deserializer).map(Self)
    }
}

scorekit_core::open_enum! {
    /// The discriminator of a circle.
    pub(crate) enum CircleKind {
        /// A circle.
        Circle = "circle",
    }
}

scorekit_core::open_enum! {
    /// The discriminator of a square.
    pub(crate) enum SquareKind {
        /// A square.
        Square = "square",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Circle {
    kind: CircleKind,
    radius: Option<f64>,
    unknown: UnknownMap,
}

json_object! {
    Circle {
        kind = "kind" required,
        radius = "radius" optional,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Square {
    kind: SquareKind,
    side: Option<Side>,
    unknown: UnknownMap,
}

json_object! {
    Square {
        kind = "kind" required,
        side = "side" optional,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Side {
    lengths: Vec<i64>,
    unknown: UnknownMap,
}

json_object! {
    Side {
        lengths = "lengths" required,
    }
    unknown properties in unknown
}

scorekit_core::open_union! {
    /// A union with a discriminator.
    pub(crate) enum Shape by property "/kind" {
        /// A circle.
        Circle(Circle) = ["circle", "ring"],
        /// A square.
        Square(Box<Square>) = ["square"],
    }
}

scorekit_core::open_union! {
    /// A union that selects the type that keeps the most.
    pub(crate) enum Figure by best_match {
        /// A circle.
        Circle(Circle),
        /// A square.
        Square(Box<Square>),
        /// A name.
        Name(String),
    }
}

scorekit_core::open_union! {
    /// A union by the kind of JSON.
    pub(crate) enum Size by kind {
        /// A whole number.
        Count(i64) = Integer,
        /// Another number.
        Measure(f64) = Number,
        /// A list.
        Names(Vec<String>) = Array,
        /// A value with a unit.
        Sides(Side) = Object,
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    next: Counted<Tree>,
    unknown: UnknownMap,
}

json_object! {
    Branch {
        next = "next" required,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Twig {
    next: Counted<Tree>,
    unknown: UnknownMap,
}

json_object! {
    Twig {
        next = "next" required,
    }
    unknown properties in unknown
}

scorekit_core::open_union! {
    /// A union in which every value matches every type.
    pub(crate) enum Tree by best_match {
        /// The first type.
        Branch(Branch),
        /// The second type.
        Twig(Twig),
        /// The end.
        Leaf(bool),
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    kind: String,
    next: Counted<Chain>,
    unknown: UnknownMap,
}

json_object! {
    Link {
        kind = "kind" required,
        next = "next" required,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    kind: String,
    lengths: Vec<i64>,
    unknown: UnknownMap,
}

json_object! {
    End {
        kind = "kind" required,
        lengths = "lengths" required,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gallery {
    figures: Vec<Figure>,
    unknown: UnknownMap,
}

json_object! {
    Gallery {
        figures = "figures" required,
    }
    unknown properties in unknown
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Empty {
    reason: String,
    unknown: UnknownMap,
}

json_object! {
    Empty {
        reason = "reason" required,
    }
    unknown properties in unknown
}

scorekit_core::open_union! {
    /// A union with a list.
    pub(crate) enum Exhibition by best_match {
        /// No value.
        Empty(Empty),
        /// Any number of values.
        Gallery(Gallery),
    }
}

scorekit_core::open_union! {
    /// A union that contains itself.
    pub(crate) enum Chain by property "/kind" {
        /// A further level.
        Link(Link) = ["link"],
        /// The end.
        End(End) = ["leaf"],
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_str(&value.to_string())
}

/// Checks that a value is written as it was read.
fn kept<T: for<'de> Deserialize<'de> + Serialize>(value: &Value) -> T {
    let read: T = read(value).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), value);
    read
}

#[test]
fn discriminator_selects_the_type() {
    let ring = json!({ "kind": "ring", "radius": 2.5 });
    assert!(matches!(kept(&ring), Shape::Circle(circle) if circle.radius == Some(2.5)));
    let square = json!({ "kind": "square", "side": { "lengths": [1, 2] } });
    assert!(matches!(kept(&square), Shape::Square(_)));
}

#[test]
fn unknown_type_is_kept() {
    for value in [
        json!({ "kind": "triangle", "corners": [1, 2, 3] }),
        json!({ "radius": 1.5 }),
        json!({ "kind": 1 }),
        json!("circle"),
        json!(null),
    ] {
        assert_eq!(kept::<Shape>(&value), Shape::Unrecognized(value));
    }
    assert_eq!(Shape::default(), Shape::Unrecognized(Value::Null));
}

#[test]
fn invalid_known_type_names_the_path() {
    let value = json!({ "kind": "square", "side": { "lengths": [1, "two"] } });
    let error = read::<Shape>(&value).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "invalid type: string \"two\", expected i64 (at side.lengths[1] within it)"
        ),
        "{error}"
    );
}

#[test]
fn json_kind_selects_the_type() {
    assert_eq!(kept::<Size>(&json!(3)), Size::Count(3));
    assert_eq!(kept::<Size>(&json!(3.5)), Size::Measure(3.5));
    assert!(matches!(kept(&json!(["a"])), Size::Names(_)));
    assert!(matches!(kept(&json!({ "lengths": [1] })), Size::Sides(_)));
    // A value of a listed kind that matches no listed type.
    for value in [
        json!([1]),
        json!({ "width": 1 }),
        json!(u64::MAX),
        json!(true),
    ] {
        assert_eq!(kept::<Size>(&value), Size::Unrecognized(value));
    }
}

#[test]
fn type_that_keeps_the_most_wins() {
    let square = json!({ "kind": "square", "side": { "lengths": [] } });
    assert!(matches!(kept(&square), Figure::Square(_)));
    // Both types keep the one property, but only one of them knows the value.
    assert!(matches!(
        kept(&json!({ "kind": "square" })),
        Figure::Square(_)
    ));
    assert!(matches!(
        kept(&json!({ "kind": "circle" })),
        Figure::Circle(_)
    ));
    let nothing = json!({ "kind": "square", "side": null });
    assert!(matches!(read(&nothing).unwrap(), Figure::Square(_)));
    assert_eq!(
        kept::<Figure>(&json!("round")),
        Figure::Name("round".to_owned())
    );
    for value in [json!({}), json!({ "corners": 3 }), json!(7), json!([])] {
        assert_eq!(kept::<Figure>(&value), Figure::Unrecognized(value));
    }
}

#[test]
fn long_list_in_a_union_loses_nothing() {
    let side = json!({ "lengths": [1] });
    let figures: Vec<Value> = (0..20_000)
        .map(|number| match number % 3 {
            0 => json!({ "kind": "circle", "radius": 0.5 }),
            1 => json!({ "kind": "square", "side": side }),
            _ => json!("round"),
        })
        .collect();
    let Exhibition::Gallery(gallery) = kept(&json!({ "figures": figures })) else {
        panic!("a gallery");
    };
    assert_eq!(gallery.figures.len(), figures.len());
    for (number, figure) in gallery.figures.iter().enumerate() {
        let is_right = match number % 3 {
            0 => matches!(figure, Figure::Circle(_)),
            1 => matches!(figure, Figure::Square(_)),
            _ => matches!(figure, Figure::Name(_)),
        };
        assert!(is_right, "{number}: {figure:?}");
    }
}

#[test]
fn deeply_nested_error_takes_linear_work() {
    let chain = |depth: usize| {
        let leaf = json!({ "kind": "leaf", "lengths": ["one"] });
        (0..depth).fold(leaf, |rest, _| json!({ "kind": "link", "next": rest }))
    };
    DECODED.set(0);
    let error = read::<Chain>(&chain(100)).unwrap_err().to_string();
    // Decoding runs once for the value and once for the reason, instead of twice as often at each
    // level.
    assert!(DECODED.get() <= 200, "{} links decoded", DECODED.get());
    let cause = "invalid type: string \"one\", expected i64 (at lengths[0] within it)";
    assert!(error.starts_with(cause), "{error}");

    // A failure elsewhere reports as much afterwards, and valid values are read.
    let error = read::<Chain>(&chain(0)).unwrap_err().to_string();
    assert!(error.starts_with(cause), "{error}");
    let whole = json!({ "kind": "link", "next": { "kind": "leaf", "lengths": [1] } });
    assert!(matches!(kept(&whole), Chain::Link(_)));
}

#[test]
fn nested_unions_take_bounded_work() {
    // Two types at each level, and none matches: 2^100 combinations.
    let mut value = json!({ "end": true });
    for _ in 0..100 {
        value = json!({ "next": value, "more": 1 });
    }
    DECODED.set(0);
    let tree: Tree = read(&value).unwrap();
    assert!(
        DECODED.get() <= 100_000,
        "{} branches decoded",
        DECODED.get()
    );
    assert!(!matches!(tree, Tree::Leaf(_)));
    // The next value has its attempts again.
    assert!(matches!(kept(&json!({ "next": true })), Tree::Branch(_)));
}
