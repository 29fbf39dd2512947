//! The names of sites, security schemes and headers in the runtime, which must match the document.

use std::collections::BTreeSet;

use scorekit::Site;
use scorekit_core::{datadog, dcycle};
use serde_json::Value;

use scorekit_test_support::{assert_same_names, bundle};

#[test]
fn every_security_scheme_has_a_credential() {
    let document = bundle();
    let declared: BTreeSet<&str> = document["components"]["securitySchemes"]
        .as_object()
        .expect("security schemes")
        .keys()
        .map(String::as_str)
        .collect();
    let known = BTreeSet::from([
        datadog::API_KEY_AUTH,
        datadog::APP_KEY_AUTH,
        datadog::AUTH_Z,
        dcycle::API_KEY,
        dcycle::BEARER,
    ]);
    assert_eq!(declared, known);
}

#[test]
fn every_site_of_the_document_is_a_site() {
    let document = bundle();
    let site = &document["servers"][0]["variables"]["site"];
    assert_eq!(site["default"], Site::default().to_string());
    let declared: Vec<&str> = site["enum"]
        .as_array()
        .expect("sites")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(!declared.is_empty(), "the document lists no sites");
    for name in declared {
        let site: Site = name
            .parse()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            !matches!(site, Site::Custom(_) | Site::Unlisted(_)),
            "{name} is not one of the documented sites"
        );
    }
}

#[test]
fn operations_are_unavailable_on_sites_of_the_document_only() {
    let document = bundle();
    let mut count = 0;
    for operation in document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("operations").values())
    {
        for name in operation["x-unavailable-sites"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let site = Site::from(name.as_str().expect("a host name"));
            assert!(
                !matches!(site, Site::Custom(_) | Site::Unlisted(_)),
                "{}: {name} is not one of the documented sites",
                operation["operationId"]
            );
            count += 1;
        }
    }
    assert!(count > 0, "no operation is unavailable anywhere");
}

/// Names each marked operation, because a wrong mark would apply changes twice. A maintainer has to
/// decide about another one.
#[test]
fn only_these_operations_are_marked_as_idempotent() {
    let document = bundle();
    let marked: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("operations").values())
        .filter(|operation| operation["x-idempotent"] == true)
        .filter_map(|operation| operation["operationId"].as_str().map(str::to_owned))
        .collect();
    assert_same_names(
        &marked,
        &BTreeSet::from(["UpdateScorecardOutcomes".to_owned()]),
        "name an operation here if the vendor says that a repeated request changes nothing",
    );
}
