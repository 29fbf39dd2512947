//! Settings: the rejected values, and the hidden secrets.

use std::time::Duration;

use super::*;
use scorekit_core::{ErrorKind, Site};

/// Returns the message of the configuration error that a setting causes.
fn rejected(config: Config) -> String {
    let error = Client::new(config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.operation(), None);
    assert_no_canary(&everything(&error));
    error.to_string()
}

#[tokio::test]
async fn missing_credentials_are_rejected_before_sending() {
    let config = Config::new().base_url("http://127.0.0.1:1");
    let error = get_rule(&Client::new(config.clone()).unwrap())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "GetRule (rule_id r-1): cannot send the request: credentials are missing; supply \
         apiKeyAuth (DD_API_KEY or \
         Credentials::datadog_keys) and appKeyAuth (DD_APP_KEY or Credentials::datadog_keys), or \
         instead AuthZ (DD_BEARER_TOKEN or Credentials::datadog_bearer)"
    );

    let half = config.credentials(Credentials::scheme(datadog::API_KEY_AUTH, API_KEY));
    let error = get_rule(&Client::new(half).unwrap())
        .send()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("supply appKeyAuth (DD_APP_KEY or"), "{text}");
    assert_no_canary(&everything(&error));
}

#[tokio::test]
async fn plain_http_is_rejected_except_on_loopback() {
    let text = rejected(keys().base_url("http://api.example.com/v1"));
    assert!(
        text.starts_with("Config::base_url or SCOREKIT_BASE_URL: api.example.com"),
        "{text}"
    );
    assert!(text.contains("Config::allow_plain_http(true)"), "{text}");
    // The name of this machine does not count within another host name or a user name.
    for url in [
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
    ] {
        assert!(
            rejected(keys().base_url(url)).contains("plain http"),
            "{url}"
        );
    }
    let text = rejected(keys().server_url(dcycle::SERVER, "http://api.example.com"));
    assert!(
        text.starts_with("Config::server_url(\"dcycle\", …): "),
        "{text}"
    );

    for url in [
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://[::1]:9",
        "https://a.example",
    ] {
        Client::new(keys().base_url(url)).unwrap();
    }
    Client::new(keys().base_url("http://10.0.0.1").allow_plain_http(true)).unwrap();

    // The address of a document follows the same rule.
    let client = Client::new(Config::new()).unwrap();
    let error = client
        .request::<Value>(&LIST_VALUES)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    assert!(
        text.starts_with("ListValues: the address of the server \"dcycle\": "),
        "{text}"
    );
}

#[test]
fn unusable_addresses_are_rejected() {
    let with_password = format!("https://user:{TOKEN}@example.com");
    let with_query = format!("https://example.com/?key={TOKEN}");
    for (url, says) in [
        ("api.example.com", "not a URL"),
        ("", "not a URL"),
        ("ftp://example.com", "must begin with https or http"),
        ("https://example.com/#part", "query or a fragment"),
        (&with_query, "query or a fragment"),
        (&with_password, "Config::credentials"),
        (&format!("https://user:{TOKEN}"), "not a URL"),
        (
            &format!("https://example.com/#{TOKEN}"),
            "query or a fragment",
        ),
    ] {
        let text = rejected(Config::new().base_url(url));
        assert!(text.contains(says), "{url}: {text}");
        assert_no_canary(&format!(
            "{:?}",
            Config::new().base_url(url).server_url("x", url)
        ));
    }
}

#[test]
fn site_must_be_a_host_name() {
    for site in [
        "evil@host.com",
        "evil.com/",
        "evil.com#",
        "evil.com?",
        "evil.com:443",
        "localhost",
        "",
        ".com",
        "a..com",
        "-a.com",
        "10.0.0.1",
        "a.com\n",
        "ä.com",
        &format!("{}.com", "a".repeat(64)),
    ] {
        assert!(site.parse::<Site>().is_err(), "{site}");
        for site in [Site::from(site), Site::Custom(site.to_owned())] {
            let text = rejected(Config::new().site(site));
            assert!(text.starts_with("Config::site or DD_SITE: "), "{text}");
        }
    }
    let custom = Site::Custom("new.datadoghq.com".to_owned());
    Client::new(Config::new().site(custom)).unwrap();
}

#[test]
fn sites_are_known_by_all_their_names() {
    let listed = [
        (Site::Us1, "us1", "datadoghq.com"),
        (Site::Us3, "us3", "us3.datadoghq.com"),
        (Site::Us5, "us5", "us5.datadoghq.com"),
        (Site::Eu1, "eu1", "datadoghq.eu"),
        (Site::Ap1, "ap1", "ap1.datadoghq.com"),
        (Site::Ap2, "ap2", "ap2.datadoghq.com"),
        (Site::Us1Fed, "us1-fed", "ddog-gov.com"),
        (Site::Us2Fed, "us2-fed", "us2.ddog-gov.com"),
    ];
    for (site, short, host) in listed {
        assert_eq!(site.as_str(), host);
        for text in [
            short.to_owned(),
            short.to_uppercase(),
            format!(" {short}\n"),
            host.to_owned(),
            host.to_uppercase(),
            format!("{host}/ "),
            format!("{host}."),
            format!("app.{host}"),
            format!("api.{host}"),
            format!("https://{host}"),
            format!("https://api.{host}/"),
            format!("http://app.{host}/account?a=b#c"),
        ] {
            assert_eq!(Site::from(&*text), site, "{text}");
            let read = Config::from_variables(|name| (name == "DD_SITE").then(|| text.clone()));
            let config = read.unwrap();
            assert!(
                format!("{config:?}").contains(&format!("{site:?}")),
                "{config:?}"
            );
        }
    }
}

#[test]
fn unlisted_sites_are_rejected_with_the_one_that_is_meant() {
    for (text, guess) in [
        ("datadoghq.ue", Some("datadoghq.eu")),
        ("datadog.com", Some("datadoghq.com")),
        ("us4.datadoghq.com", Some("us3.datadoghq.com")),
        ("acme.us5.datadoghq.com", Some("us5.datadoghq.com")),
        ("https://acme.datadoghq.eu/", Some("datadoghq.eu")),
        ("us1.fed", None),
        ("example.com", None),
        ("https://proxy.example.com", None),
        ("https://api.datadoghq.com/v0", None),
        ("https://datadoghq.com@example.com", None),
    ] {
        assert_eq!(Site::from(text), Site::Unlisted(text.to_owned()));
        for error in [
            Client::new(keys().site(text)).unwrap_err(),
            text.parse::<Site>().unwrap_err(),
            Config::from_variables(|name| (name == "DD_SITE").then(|| text.to_owned()))
                .unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let message = error.to_string();
            let names = "use one of datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, ";
            assert!(message.contains(names), "{message}");
            let said = guess.map(|site| format!("did you mean {site}?"));
            match said {
                Some(said) => assert!(message.contains(&said), "{message}"),
                None => assert!(!message.contains("did you mean"), "{message}"),
            }
        }
    }
}

#[test]
fn other_settings_are_validated() {
    let text = rejected(Config::new().timeout(Duration::ZERO));
    assert!(
        text.starts_with("Config::timeout must be longer than zero"),
        "{text}"
    );
    let text = rejected(Config::new().connect_timeout(Duration::ZERO));
    assert!(
        text.starts_with("Config::connect_timeout must be longer than zero"),
        "{text}"
    );
    let text = rejected(Config::new().user_agent("a\nb"));
    assert!(text.starts_with("Config::user_agent"), "{text}");
    let text = rejected(Config::new().credentials(Credentials::dcycle_key(format!("{TOKEN}\n"))));
    assert!(
        text.contains("DCYCLE_API_KEY") && text.contains("line break"),
        "{text}"
    );
    let text = rejected(Config::new().credentials(Credentials::scheme("other", "")));
    assert!(
        text.contains("other (Credentials::scheme) is empty"),
        "{text}"
    );
    let text = rejected(Config::new().credentials(Credentials::new().dcycle_user("a\r\nb")));
    assert!(text.contains("x-user-id"), "{text}");
    let bad_name = Credentials::new().default_header("x user", "a");
    assert!(rejected(Config::new().credentials(bad_name)).contains("not a header name"));
}

#[test]
fn environment_is_read() {
    let read = |pairs: &'static [(&str, &str)]| {
        Config::from_variables(|name| {
            let pair = pairs.iter().find(|(known, _)| *known == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    };
    let config = read(&[
        ("DD_SITE", "us3.datadoghq.com"),
        ("DD_API_KEY", API_KEY),
        ("DD_APP_KEY", APPLICATION_KEY),
        ("DD_BEARER_TOKEN", ""),
        ("DCYCLE_BEARER_TOKEN", TOKEN),
        ("DCYCLE_ORGANIZATION_ID", "org-1"),
        ("SCOREKIT_BASE_URL", "http://127.0.0.1:8080"),
    ])
    .unwrap();
    let shown = format!("{config:?}");
    for part in [
        "Us3",
        "apiKeyAuth",
        "appKeyAuth",
        "dcycleBearer",
        "x-organization-id",
        "127.0.0.1:8080",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("AuthZ"), "{shown}");
    assert_no_canary(&shown);
    let client = Client::new(config).unwrap();
    assert_no_canary(&format!("{client:?} {client:#?}"));

    let bad: [(&'static [(&str, &str)], &str); 4] = [
        (&[("DD_SITE", "https://datadoghq.example")], "DD_SITE: "),
        (
            &[("DD_API_KEY", "canary\n")],
            "DD_API_KEY contains a line break",
        ),
        (
            &[("DCYCLE_USER_ID", "u\r\n")],
            "DCYCLE_USER_ID contains a line break",
        ),
        (
            &[("SCOREKIT_BASE_URL", "localhost:80")],
            "SCOREKIT_BASE_URL: ",
        ),
    ];
    for (pairs, begins) in bad {
        let text = read(pairs).unwrap_err().to_string();
        assert!(text.starts_with(begins), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn explicit_settings_override_the_fallback() {
    let server = Canned::json("200 OK", "{}").await;
    let fallback = keys()
        .base_url("https://nowhere.invalid")
        .timeout(Duration::ZERO);
    let other_key = Credentials::scheme(datadog::API_KEY_AUTH, "other");
    let config = Config::new()
        .base_url(&server.url)
        .timeout(Duration::from_secs(5))
        .credentials(other_key)
        .or(fallback);
    get_rule(&Client::new(config).unwrap())
        .send()
        .await
        .unwrap();
    let seen = server.seen().await;
    assert!(seen.contains("dd-api-key: other\r\n"), "{seen}");
    assert!(seen.contains(APPLICATION_KEY), "{seen}");
}

#[tokio::test]
async fn site_can_be_a_base_url() {
    let server = Canned::json("200 OK", "{}").await;
    let site = format!("{}/proxy/", server.url);
    get_rule(&server_of_site(&site)).send().await.unwrap();
    let seen = server.seen().await;
    assert!(seen.starts_with("GET /proxy/api/v2/rules/r-1 "), "{seen}");

    // The servers of other vendors keep their address, and more explicit addresses win.
    let error = server_of_site(&site).request::<Value>(&LIST_VALUES).send();
    let text = error.await.unwrap_err().to_string();
    assert!(text.contains("api.dcycle.example"), "{text}");
    for explicit in [
        |config: Config, url: &str| config.base_url(url),
        |config: Config, url: &str| config.server_url(datadog::SERVER, url),
    ] {
        let server = Canned::json("200 OK", "{}").await;
        let config = explicit(once().site(custom("https://nowhere.invalid")), &server.url);
        get_rule(&Client::new(config).unwrap())
            .send()
            .await
            .unwrap();
    }

    for (site, says) in [
        ("http://proxy.example.com", "plain http"),
        ("ftp://proxy.example.com", "must begin with https or http"),
        ("https://", "not a URL"),
        ("https://proxy.example.com?a=1", "query or a fragment"),
        ("https://us5.datadoghq.com", "use the name of the site"),
        (
            "https://app.ddog-gov.com/account",
            "use the name of the site",
        ),
        ("https://acme.datadoghq.eu.", "use the name of the site"),
    ] {
        let text = rejected(Config::new().site(custom(site)));
        assert!(text.starts_with("Config::site or DD_SITE: "), "{text}");
        assert!(text.contains(says), "{site}: {text}");
    }
    for site in [
        "https://api.us3.datadoghq.com",
        "https://datadoghq.com.example.com",
        "https://notdatadoghq.com",
    ] {
        Client::new(Config::new().site(custom(site))).unwrap();
    }
    let secret = format!("https://user:{TOKEN}@example.com");
    for secret in [custom(&secret), Site::from(secret)] {
        assert_no_canary(&rejected(Config::new().site(secret.clone())));
        assert_no_canary(&format!(
            "{secret} {secret:?} {:?}",
            Config::new().site(secret.clone())
        ));
    }
}

fn server_of_site(site: &str) -> Client {
    Client::new(once().site(custom(site))).unwrap()
}

fn custom(site: &str) -> Site {
    Site::Custom(site.to_owned())
}

/// Runs in a process of its own because variables are set for a whole process.
#[test]
fn process_environment_is_read() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "settings::in_a_process_of_its_own"])
        .env("DD_SITE", "us3.datadoghq.com")
        .env("DCYCLE_API_KEY", "key\n")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
#[ignore = "run by the test above"]
fn in_a_process_of_its_own() {
    let text = Config::from_env().unwrap_err().to_string();
    assert!(
        text.starts_with("DCYCLE_API_KEY contains a line break"),
        "{text}"
    );
}

#[tokio::test]
async fn context_of_the_environment_is_sent() {
    let config = Config::from_variables(|name| match name {
        "DCYCLE_ORGANIZATION_ID" => Some("org-1".to_owned()),
        "DCYCLE_USER_ID" => Some("user-1".to_owned()),
        _ => None,
    });
    let server = Canned::json("200 OK", "{}").await;
    let client = server.client(config.unwrap());
    client.request::<Value>(&LIST_VALUES).send().await.unwrap();
    let seen = server.seen().await;
    for line in ["x-organization-id: org-1", "x-user-id: user-1"] {
        assert!(seen.contains(&format!("\r\n{line}\r\n")), "{seen}");
    }
}

#[test]
fn debug_shows_header_names_without_values() {
    let credentials =
        Credentials::scheme("some", APPLICATION_KEY).default_header("x-org-token", API_KEY);
    let credentials = credentials.dcycle_user("somebody");
    let config = Config::new().credentials(credentials.clone());
    let client = Client::new(config.clone()).unwrap();
    for shown in [
        format!("{credentials:?} {credentials:#?}"),
        format!("{config:?} {config:#?}"),
        format!("{client:?} {client:#?}"),
    ] {
        assert_no_canary(&shown);
        assert!(!shown.contains("somebody"), "{shown}");
    }
    let shown = format!("{credentials:?} {config:?}");
    for name in ["some", "x-org-token", "x-user-id"] {
        assert_eq!(shown.matches(&format!("{name:?}")).count(), 2, "{shown}");
    }
}

/// Polls a call in another executor.
#[test]
fn call_without_a_tokio_runtime_is_an_error() {
    let script = super::script::Script::by(|_| panic!("nothing is sent"));
    let client = script.client(keys().base_url("http://127.0.0.1:9"));
    let calls = [
        client.request::<Value>(&GET_RULE).path("rule_id", &"1"),
        client.request::<Value>(&GET_RULE),
    ];
    for call in calls {
        let error = futures_util::FutureExt::now_or_never(call.send())
            .unwrap()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let shown = error.to_string();
        assert!(
            shown.contains("no Tokio runtime runs on this thread"),
            "{shown}"
        );
        assert!(shown.contains("#[tokio::main]"), "{shown}");
        assert_eq!(error.attempts(), 0);
    }
}
