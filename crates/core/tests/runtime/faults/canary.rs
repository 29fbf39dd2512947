//! Secrets stay hidden, for every kind of secret and every failure.

use std::time::Duration;

use scorekit_core::{
    BoxFuture, CallOptions, Client, Config, CredentialProvider, Credentials, Error, ErrorKind,
    RefreshReason, RetryPolicy, Site, Value, datadog, dcycle,
};

use super::matrix::run;
use super::rows::text;
use super::secrets::{CANARY, Eavesdropper, GET, KINDS, Kind, all_of, assert_clean};
use super::server::{Act, Faulty};
use super::statuses::{BODIES, STATUSES};
use super::{alone, trusted};
use crate::{COOKIE_KEY, LIST_VALUES, ODD_KEYS};

/// Runs the matrix with one kind of credential in a process of its own, because the subscriber
/// holds for the whole process. The kinds run at the same time.
fn no_row_exposes_a_secret(test: &str) {
    let printed = alone(&format!("faults::canary::{test}"));
    // Panics with all these errors have been printed as well.
    let panics = printed.matches("called `Result::unwrap()` on an `Err` value");
    assert!(panics.count() > 200);
    assert_clean(&printed, &"printed");
}

async fn the_matrix_with(kind: &Kind, operations: usize) {
    trusted();
    let eavesdropper = Eavesdropper::install();
    run(kind, operations).await;
    every_error_body(kind).await;
    let heard = eavesdropper.take();
    assert_clean(&heard, &kind.name);
    // Otherwise the subscriber received nothing at all.
    for part in ["log reqwest::connect", "scorekit.operation_id=\"Post\""] {
        assert!(heard.contains(part), "{part}: {heard}");
    }
}

/// A test for each kind of credential, and the test that it runs.
macro_rules! kinds {
    ($($test:ident runs $matrix:ident($index:literal, $operations:literal);)*) => {$(
        #[test]
        fn $test() {
            no_row_exposes_a_secret(stringify!($matrix));
        }

        #[tokio::test]
        #[ignore = "run by the test above"]
        async fn $matrix() {
            the_matrix_with(&KINDS[$index], $operations).await;
        }
    )*

    #[test]
    fn every_kind_has_a_test() {
        assert_eq!([$($index),*].as_slice(), (0..KINDS.len()).collect::<Vec<_>>());
    }
    };
}

kinds! {
    no_row_exposes_datadog_keys runs matrix_with_datadog_keys(0, 4);
    no_row_exposes_a_datadog_token runs matrix_with_a_datadog_token(1, 2);
    no_row_exposes_a_dcycle_key runs matrix_with_a_dcycle_key(2, 2);
    no_row_exposes_a_dcycle_token runs matrix_with_a_dcycle_token(3, 2);
    no_row_exposes_rotating_credentials runs matrix_with_rotating_credentials(4, 2);
}

/// Checks every status with every error body, although no document declares them.
async fn every_error_body(kind: &Kind) {
    let cases: Vec<_> = STATUSES
        .iter()
        // The provider is called again, and then the request is retried.
        .filter(|status| !(kind.rotates() && status.starts_with("401")))
        .flat_map(|status| {
            BODIES
                .iter()
                .map(move |(body, count)| (*status, *body, *count))
        })
        .collect();
    let acts: Vec<Act> = cases
        .iter()
        .map(|(status, body, _)| text(status, body).act())
        .collect();
    let server = Faulty::new(&acts).await;
    let config = (kind.config)()
        .base_url(&server.url)
        .options(CallOptions::new().wait_for_rate_limits(false))
        .retry(RetryPolicy::none());
    let client = Client::new(config).unwrap();
    for (status, body, count) in cases {
        let request = client.request::<Value>(&GET).path("rule_id", &"r-1");
        let error = request.send().await.unwrap_err();
        let what = format!("{status} {body}, {}", kind.name);
        assert_eq!(error.kind(), ErrorKind::Api, "{what}");
        assert_eq!(error.errors().len(), count, "{what}: {error}");
        assert_clean(&all_of(error), &what);
    }
}

/// Returns the error of a setting.
fn rejected(config: Config) -> Error {
    let error = Client::new(config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    error
}

#[test]
fn configuration_errors_hide_secrets() {
    let mut errors = Vec::new();
    for address in [
        "https://user:canary-1@example.com",
        "https://canary-1@example.com",
        "https://user:canary-1",
        "https://example.com/?key=canary-1",
        "https://example.com/#canary-1",
        "http://canary-1@example.com",
        "ftp://canary-1@example.com",
    ] {
        for config in [
            Config::new().base_url(address),
            Config::new().server_url(dcycle::SERVER, address),
            Config::new().site(address),
            Config::new().site(Site::Custom(address.to_owned())),
        ] {
            assert_clean(&format!("{config:?} {config:#?}"), &address);
            errors.push(rejected(config));
        }
        errors.push(address.parse::<Site>().unwrap_err());
    }
    for bad in [
        "canary-1\n",
        "canary\r-1",
        "canary-1\u{7f}",
        "canary-\u{e9}",
    ] {
        for credentials in [
            Credentials::datadog_keys(bad, "fine"),
            Credentials::datadog_keys("fine", bad),
            Credentials::datadog_bearer(bad),
            Credentials::dcycle_key(bad),
            Credentials::dcycle_bearer(bad),
            Credentials::scheme("other", bad),
            Credentials::new().dcycle_organization(bad),
            Credentials::new().dcycle_user(bad),
            Credentials::new().default_header("no name", bad),
        ] {
            // HTTP allows other letters in the values that are not secret.
            if let Err(error) = Client::new(Config::new().credentials(credentials)) {
                errors.push(error);
            }
        }
        for variable in [
            "DD_API_KEY",
            "DD_APP_KEY",
            "DD_BEARER_TOKEN",
            "DCYCLE_API_KEY",
            "DCYCLE_BEARER_TOKEN",
            "DCYCLE_ORGANIZATION_ID",
            "DCYCLE_USER_ID",
        ] {
            let lookup = |name: &str| (name == variable).then(|| bad.to_owned());
            let outcome = Config::from_variables(lookup).and_then(Client::new);
            errors.extend(outcome.err());
        }
    }
    // Each kind of credential is combined with unrelated settings.
    for kind in &KINDS {
        let config = || (kind.config)();
        let public = format!("{:?}", config()).replace("confidential-", "");
        assert!(!public.contains(CANARY), "{public}");
        for config in [
            config().base_url("http://example.com"),
            config().base_url("nowhere"),
            config().site("not a host"),
            config().timeout(Duration::ZERO),
            config().user_agent("a\nb"),
        ] {
            errors.push(rejected(config));
        }
    }
    assert!(errors.len() > 100, "{}", errors.len());
    for error in errors {
        let what = error.to_string();
        assert_clean(&all_of(error), &what);
    }
}

/// A provider that returns the result that each case sets.
struct Provider(fn() -> Result<Credentials, &'static str>);

impl CredentialProvider for Provider {
    fn credentials(
        &self,
        _occasion: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok((self.0)()?) })
    }
}

#[tokio::test]
async fn errors_before_sending_hide_secrets() {
    let mut errors = Vec::new();
    let local = || Config::new().base_url("http://127.0.0.1:1");
    let half = Credentials::scheme(datadog::API_KEY_AUTH, "canary-1");
    let client = Client::new(local().credentials(half)).unwrap();
    let get = |client: &Client| client.request::<Value>(&GET).path("rule_id", &"r-1");
    errors.push(get(&client).send().await.unwrap_err());

    for provider in [
        || Ok(Credentials::datadog_bearer("canary-1\n")),
        || Ok(Credentials::dcycle_key("")),
        || Ok(Credentials::scheme(datadog::APP_KEY_AUTH, "canary-1")),
        || Err("no token for canary-fixed-1"),
    ] {
        let known = Credentials::scheme("known", "canary-fixed-1");
        let config = local().credentials(known);
        let client = Client::new(config.credential_provider(Provider(provider))).unwrap();
        errors.push(get(&client).send().await.unwrap_err());
    }
    for kind in &KINDS {
        let client = Client::new((kind.config)().base_url("http://127.0.0.1:1")).unwrap();
        let zero = CallOptions::new().timeout(Duration::ZERO);
        errors.push(get(&client).options(zero).send().await.unwrap_err());
        errors.push(get(&client).path("rule_id", &"").send().await.unwrap_err());
        let request = get(&client).header("x-user-id", &"a\nb");
        errors.push(request.send().await.unwrap_err());
        // The address of its document is not encrypted.
        let client = Client::new((kind.config)()).unwrap();
        errors.push(
            client
                .request::<Value>(&LIST_VALUES)
                .send()
                .await
                .unwrap_err(),
        );
    }
    // Requests carry secrets elsewhere, too: Basic credentials without a colon, and a cookie's
    // name.
    let odd = ["queryKey", COOKIE_KEY.name, "basic"]
        .map(|scheme| Credentials::scheme(scheme, "canary-1"))
        .into_iter()
        .fold(Credentials::new(), Credentials::merge);
    let client = Client::new(local().credentials(odd)).unwrap();
    errors.push(client.request::<Value>(&ODD_KEYS).send().await.unwrap_err());

    for error in errors {
        assert_eq!(error.attempts(), 0, "{error}");
        let what = error.to_string();
        assert_clean(&all_of(error), &what);
    }
}
