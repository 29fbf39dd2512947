//! The operations of this workspace's document that progenitor takes without our passes, which
//! `docs/guide/comparison.md` counts.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use scorekit_test_support::{bundle, documented_operations, workspace};
use serde_json::Value;

/// Returns the document of one tag.
fn document_of(tag: &str) -> openapiv3::OpenAPI {
    let mut document = bundle();
    let paths = document["paths"].as_object_mut().expect("paths");
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        item.retain(|_, operation| {
            operation["tags"]
                .as_array()
                .is_none_or(|tags| tags.iter().any(|it| it == tag))
        });
    }
    serde_json::from_value(document).expect("a document")
}

#[test]
fn bare_progenitor_takes_what_the_comparison_says() {
    let mut operations = BTreeMap::<String, usize>::new();
    for operation in documented_operations(&bundle()) {
        *operations.entry(operation.tag).or_default() += 1;
    }
    assert_eq!(operations.len(), 4, "{operations:?}");
    let mut taken = Vec::new();
    for (tag, count) in &operations {
        let document = document_of(tag);
        // It panics at a construct that it does not know.
        let generated = catch_unwind(|| {
            progenitor_impl::Generator::default()
                .generate_tokens(&document)
                .is_ok()
        });
        if generated.is_ok_and(|is_generated| is_generated) {
            taken.push((tag.as_str(), *count));
        }
    }
    let page = std::fs::read_to_string(workspace().join("docs/guide/comparison.md"));
    let page = page.expect("the page").replace('\n', " ");
    assert_eq!(taken, [("kpi", 3)]);
    let all: usize = operations.values().sum();
    assert!(
        page.contains(&format!("it takes {} of {all} operations", taken[0].1)),
        "{page}"
    );
}
