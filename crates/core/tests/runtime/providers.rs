//! Credentials that change, and sites that do not serve an operation.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use scorekit_core::{
    BoxFuture, CallOptions, CredentialProvider, ErrorKind, RefreshReason, RetryPolicy, Site,
};
use tokio::task::JoinSet;

use super::script::{Script, ScriptedResponse, Step, status, success};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A provider that returns a new token for each request, `canary-token-0003-1` first.
#[derive(Clone, Default)]
struct Tokens {
    occasions: Arc<Mutex<Vec<RefreshReason>>>,
    lifetime: Option<Duration>,
    takes: Duration,
    fails_after: Option<usize>,
    /// The number of requests before the provider has a token.
    without: usize,
    /// The number of requests after which the provider has no token.
    runs_out_after: Option<usize>,
}

impl Tokens {
    fn occasions(&self) -> Vec<RefreshReason> {
        self.occasions.lock().unwrap().clone()
    }
}

impl CredentialProvider for Tokens {
    fn credentials(
        &self,
        occasion: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            tokio::time::sleep(self.takes).await;
            let mut occasions = self.occasions.lock().unwrap();
            occasions.push(occasion);
            let count = occasions.len();
            if self.fails_after.is_some_and(|most| count > most) {
                return Err(format!("no token after {TOKEN}-{}", count - 1).into());
            }
            let is_out = self.runs_out_after.is_some_and(|most| count > most);
            if is_out || count <= self.without {
                return Ok(Credentials::new());
            }
            let credentials = Credentials::datadog_bearer(format!("{TOKEN}-{count}"));
            Ok(match self.lifetime {
                Some(lifetime) => credentials.valid_for(lifetime),
                None => credentials,
            })
        })
    }
}

/// Returns the numbers of the tokens that a script received.
fn tokens(script: &Script) -> Vec<String> {
    let asked = script.asked();
    let header = |asked: &super::script::Asked| asked.headers["authorization"].clone();
    asked
        .iter()
        .map(header)
        .map(|value| value.to_str().unwrap().replace(TOKEN, ""))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn provider_is_called_once_for_all_calls() {
    let provider = Tokens {
        takes: SECOND,
        ..Tokens::default()
    };
    let script = Script::new([success()]);
    let client = script.client(Config::new().credential_provider(provider.clone()));
    let calls: JoinSet<_> = (0..3).map(|_| get_rule(&client.clone()).send()).collect();
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(provider.occasions(), [RefreshReason::Initial]);
    assert_eq!(tokens(&script), ["Bearer -1", "Bearer -1", "Bearer -1"]);
    assert_eq!(script.times(), [1000, 1000, 1000]);
}

#[tokio::test(start_paused = true)]
async fn provider_is_called_again_after_a_401() {
    let provider = Tokens::default();
    let script = Script::new([status(401), success()]);
    let config = Config::new().retry(RetryPolicy::none());
    let client = script.client(config.credential_provider(provider.clone()));
    let response = get_rule(&client).send().await.unwrap();
    assert_eq!(response.attempts(), 2);
    // The retry is immediate, and the rejected token is not used again.
    assert_eq!(script.times(), [0, 0]);
    get_rule(&client).send().await.unwrap();
    assert_eq!(tokens(&script), ["Bearer -1", "Bearer -2", "Bearer -2"]);
    assert_eq!(
        provider.occasions(),
        [RefreshReason::Initial, RefreshReason::Rejected]
    );

    // The provider is called once more only, and the next response is final. A request that creates
    // may be retried as well.
    let provider = Tokens::default();
    let echo = format!(r#"{{"errors": ["{TOKEN}-1 and {TOKEN}-2 are not valid"]}}"#);
    let script = Script::new([ScriptedResponse::new(401)
        .piece(Duration::ZERO, echo)
        .step()]);
    let client = script.client(Config::new().credential_provider(provider.clone()));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.status().unwrap(), 401);
    assert!(!error.is_retryable());
    // The error shows neither the old token nor the new one.
    assert_no_canary(&everything(&error));
}

#[tokio::test(start_paused = true)]
async fn concurrent_401s_share_one_provider_call() {
    let provider = Tokens::default();
    let rejected = Step::After(SECOND, Box::new(status(401)));
    let script = Script::new([rejected.clone(), rejected.clone(), rejected, success()]);
    let client = script.client(Config::new().credential_provider(provider.clone()));
    let calls: JoinSet<_> = (0..3).map(|_| get_rule(&client).send()).collect();
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(
        provider.occasions(),
        [RefreshReason::Initial, RefreshReason::Rejected]
    );
}

#[tokio::test(start_paused = true)]
async fn credentials_expire() {
    let provider = Tokens {
        lifetime: Some(SECOND * 60),
        ..Tokens::default()
    };
    let script = Script::new([success()]);
    let client = script.client(Config::new().credential_provider(provider.clone()));
    for _ in 0..4 {
        get_rule(&client).send().await.unwrap();
        tokio::time::sleep(SECOND * 30).await;
    }
    assert_eq!(
        provider.occasions(),
        [RefreshReason::Initial, RefreshReason::Expired]
    );
    assert_eq!(
        tokens(&script),
        ["Bearer -1", "Bearer -1", "Bearer -2", "Bearer -2"]
    );
}

#[tokio::test(start_paused = true)]
async fn provider_error_names_the_provider() {
    let provider = Tokens {
        fails_after: Some(0),
        ..Tokens::default()
    };
    let script = Script::new([success()]);
    let client = script.client(Config::new().credential_provider(provider));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.attempts(), 0);
    assert!(
        error.to_string().starts_with(
            "GetRule (rule_id r-1): cannot get credentials from the provider: no token after"
        ),
        "{error}"
    );
    assert!(script.asked().is_empty());

    // After a 401, the error is the 401.
    let provider = Tokens {
        fails_after: Some(1),
        ..Tokens::default()
    };
    let script = Script::new([status(401)]);
    let client = script.client(Config::new().credential_provider(provider));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(
        error
            .to_string()
            .contains("cannot get credentials from the provider"),
        "{error}"
    );
    assert_no_canary(&everything(&error));

    let provider = Tokens {
        takes: SECOND * 3600,
        ..Tokens::default()
    };
    let client = script.client(Config::new().credential_provider(provider));
    let options = CallOptions::new().timeout(SECOND);
    let error = get_rule(&client).options(options).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("credential provider"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn status_401_is_kept_if_the_provider_then_lacks_credentials() {
    let provider = Tokens {
        runs_out_after: Some(1),
        ..Tokens::default()
    };
    let script = Script::new([status(401)]);
    let client = script.client(Config::new().credential_provider(provider));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(error.attempts(), 1);
    assert_eq!(script.times(), [0]);
    let text = error.to_string();
    assert!(
        text.contains("; not retried: cannot send the request: credentials are missing"),
        "{text}"
    );
    assert_no_canary(&everything(&error));
}

/// A provider that gets its token from an operation of its own client that needs no credentials.
struct Login(Arc<OnceLock<Client>>);

impl CredentialProvider for Login {
    fn credentials(
        &self,
        _occasion: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async {
            let client = self.0.get().unwrap();
            client.request::<Value>(&LIST_VALUES).send().await?;
            Ok(Credentials::datadog_bearer(TOKEN))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn operation_without_security_does_not_call_the_provider() {
    let provider = Tokens {
        fails_after: Some(0),
        ..Tokens::default()
    };
    let fixed = Credentials::new().dcycle_organization("org-1");
    let config = Config::new().credentials(fixed).allow_plain_http(true);
    let script = Script::new([success(), status(401)]);
    let client = script.client(config.credential_provider(provider.clone()));
    client.request::<Value>(&LIST_VALUES).send().await.unwrap();
    assert_eq!(script.asked()[0].headers["x-organization-id"], "org-1");
    // Other credentials would not change the response.
    let call = client.request::<Value>(&LIST_VALUES).send();
    assert_eq!(call.await.unwrap_err().attempts(), 1);
    assert!(provider.occasions().is_empty());

    // This lets the provider make such calls itself.
    let script = Script::new([success()]);
    let itself = Arc::new(OnceLock::new());
    let config = Config::new().allow_plain_http(true);
    let client = script.client(config.credential_provider(Login(Arc::clone(&itself))));
    itself.set(client.clone()).unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(script.times(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn incomplete_credentials_are_requested_again_by_the_next_call() {
    let provider = Tokens {
        without: 1,
        ..Tokens::default()
    };
    let script = Script::new([success()]);
    let client = script.client(Config::new().credential_provider(provider.clone()));
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    get_rule(&client).send().await.unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(
        provider.occasions(),
        [RefreshReason::Initial, RefreshReason::Expired]
    );
    assert_eq!(tokens(&script), ["Bearer -2", "Bearer -2"]);
}

#[tokio::test(start_paused = true)]
async fn fixed_credentials_fill_gaps_and_are_not_requested_again() {
    let script = Script::new([status(401)]);
    let error = get_rule(&script.client(keys())).send().await.unwrap_err();
    assert_eq!(error.attempts(), 1);

    let script = Script::new([success()]);
    let provider = Tokens::default();
    let client = script.client(keys().credential_provider(provider));
    get_rule(&client).send().await.unwrap();
    // The client uses the alternative that the operation lists first.
    assert_eq!(script.asked()[0].headers["dd-api-key"], API_KEY);
    assert_no_canary(&format!("{client:?}"));
}

static ELSEWHERE: Operation = Operation::new("Elsewhere", Method::GET, "/api/v2/rules", &DATADOG)
    .unavailable_sites(&["ddog-gov.com"]);

#[tokio::test(start_paused = true)]
async fn operation_is_not_sent_to_a_site_that_does_not_serve_it() {
    let local = "http://127.0.0.1:1";
    let base = |url: &str| Config::new().base_url(url);
    for (config, rejected) in [
        (Config::new().site(Site::Us1Fed), true),
        (Config::new().site("DDOG-GOV.com"), true),
        // A base URL that replaces the site does not change what the site serves.
        (base(local).site(Site::Us1Fed), true),
        (base("https://api.ddog-gov.com"), true),
        (base("https://api.ddog-gov.com."), true),
        (
            Config::new().site(Site::Custom("https://api.ddog-gov.com/v0".to_owned())),
            true,
        ),
        (
            Config::new().site(Site::Custom("https://proxy.example.com".to_owned())),
            false,
        ),
        (Config::new(), false),
        (Config::new().site(Site::Us2Fed), false),
        (base(local), false),
        (base("https://api.us2.ddog-gov.com"), false),
    ] {
        let script = Script::new([success()]);
        let shown = format!("{config:?}");
        let call = script.client(config).request::<Value>(&ELSEWHERE).send();
        match call.await {
            Ok(_) => assert!(!rejected, "{shown}"),
            Err(error) => {
                assert!(rejected, "{shown}");
                assert_eq!(error.kind(), ErrorKind::Configuration);
                assert_eq!(
                    error.to_string(),
                    "Elsewhere: cannot send the request: the site ddog-gov.com does not serve this \
                     operation; use an organization on another site"
                );
                assert!(script.asked().is_empty());
            }
        }
    }
}
