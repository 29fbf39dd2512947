//! A canary for every kind of credential, and every place in which one may appear.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use scorekit_core::{
    BodyKind, BoxFuture, Config, CredentialProvider, Credentials, Error, Method, Operation,
    RefreshReason, RetrySafety, SecurityLocation, SecurityScheme, dcycle,
};

use crate::{API_KEY_AUTH, APP_KEY_AUTH, AUTH_Z, DATADOG, everything};

/// The prefix of every canary, so that a part of one is found as well.
pub(crate) const CANARY: &str = "canary-";

/// An identifier. Identifiers are not secret: a configuration shows them. Calls do not.
pub(crate) const ORGANIZATION: &str = "confidential-organization";
pub(crate) const USER: &str = "confidential-user";

/// A kind of credential: its name, a configuration with it, and how many secrets a request carries.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) config: fn() -> Config,
    pub(crate) secrets: usize,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind {
        name: "Datadog keys",
        config: || {
            fixed(Credentials::datadog_keys(
                "canary-api-key-11",
                "canary-app-key-12",
            ))
        },
        secrets: 2,
    },
    Kind {
        name: "Datadog access token",
        config: || fixed(Credentials::datadog_bearer("canary-datadog-token-21")),
        secrets: 1,
    },
    Kind {
        name: "Dcycle key and identifiers",
        config: || {
            fixed(
                Credentials::dcycle_key("canary-dcycle-key-31")
                    .dcycle_organization(ORGANIZATION)
                    .dcycle_user(USER),
            )
        },
        secrets: 1,
    },
    Kind {
        name: "Dcycle access token",
        config: || fixed(Credentials::dcycle_bearer("canary-dcycle-token-41")),
        secrets: 1,
    },
    Kind {
        name: "credentials that rotate",
        config: || Config::new().credential_provider(Rotating::default()),
        secrets: 1,
    },
];

impl Kind {
    pub(crate) fn rotates(&self) -> bool {
        self.name == KINDS[4].name
    }
}

fn fixed(credentials: Credentials) -> Config {
    Config::new().credentials(credentials)
}

/// A provider that returns another token each time.
#[derive(Default)]
struct Rotating(AtomicUsize);

impl CredentialProvider for Rotating {
    fn credentials(
        &self,
        _occasion: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            Ok(Credentials::datadog_bearer(format!(
                "canary-rotating-5{count}"
            )))
        })
    }
}

static DCYCLE_KEY: SecurityScheme =
    SecurityScheme::new(dcycle::API_KEY, SecurityLocation::Header("x-api-key"));
static DCYCLE_BEARER: SecurityScheme =
    SecurityScheme::new(dcycle::BEARER, SecurityLocation::Bearer);

/// Alternative requirements that any kind of credential meets.
static ANY: &[&[&SecurityScheme]] = &[
    &[&API_KEY_AUTH, &APP_KEY_AUTH],
    &[&AUTH_Z],
    &[&DCYCLE_KEY],
    &[&DCYCLE_BEARER],
];

const fn operation(
    id: &'static str,
    method: Method,
    response: BodyKind,
    retry: RetrySafety,
) -> Operation {
    Operation::new(id, method, "/api/v2/rules/{rule_id}", &DATADOG)
        .security(ANY)
        .headers(&[dcycle::ORGANIZATION_HEADER, dcycle::USER_HEADER])
        .response(response)
        .retry(retry)
}

use BodyKind::{Empty, Json};
use RetrySafety::{Idempotent, OnlyUnprocessed};

pub(crate) static GET: Operation = operation("Get", Method::GET, Json, Idempotent);
pub(crate) static PUT: Operation = operation("Put", Method::PUT, Json, Idempotent);
pub(crate) static DELETE: Operation = operation("Delete", Method::DELETE, Empty, Idempotent);
pub(crate) static POST: Operation = operation("Post", Method::POST, Json, OnlyUnprocessed);

/// Asserts that `text` contains no secret.
pub(crate) fn assert_clean(text: &str, what: &dyn Debug) {
    for secret in [CANARY, ORGANIZATION, USER] {
        assert!(!text.contains(secret), "{secret} shows: {what:?}\n{text}");
    }
}

/// Returns all text of an error from every accessor, and the output of a panic with it.
pub(crate) fn all_of(error: Error) -> String {
    let mut text = everything(&error);
    text.push_str(&format!(
        "\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        error.headers(),
        error.errors(),
        error.request_id(),
        error.rate_limit(),
        error.json_path(),
    ));
    let unwrapping = std::panic::AssertUnwindSafe(move || Result::<(), Error>::unwrap(Err(error)));
    let panic = std::panic::catch_unwind(unwrapping).unwrap_err();
    text.push_str(panic.downcast_ref::<String>().unwrap());
    text
}

/// A recorder of all traces and logs, from any library.
#[derive(Clone, Default)]
pub(crate) struct Eavesdropper(Arc<Mutex<String>>);

impl Eavesdropper {
    /// Starts to record for the whole process.
    pub(crate) fn install() -> Self {
        let eavesdropper = Self::default();
        tracing::subscriber::set_global_default(eavesdropper.clone()).unwrap();
        log::set_boxed_logger(Box::new(eavesdropper.clone())).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        eavesdropper
    }

    /// Returns the records since the last call.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn write(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

struct Fields<'a>(&'a Eavesdropper);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.write(&format!("{field}={value:?}\n"));
    }
}

impl tracing::Subscriber for Eavesdropper {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.write(&format!("{}\n", span.metadata().name()));
        span.record(&mut Fields(self));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(self));
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields(self));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl log::Log for Eavesdropper {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.write(&format!("log {}: {}\n", record.target(), record.args()));
    }

    fn flush(&self) {}
}
