//! Profiles, credentials and `doctor`.

use crate::world::{World, run, run_with_input};

/// Secrets of eight bytes or more, so that the runtime hides them, too.
const KEYS: &str = "# keys\nexport DD_API_KEY='secret-0123456789'\nDD_APP_KEY=secret-abcdefghij\n";

fn config(world: &World) -> String {
    let path = world.directory.path().join("config.toml");
    std::fs::read_to_string(path).expect("the settings")
}

#[tokio::test]
async fn keys_are_stored_for_the_owner_alone() {
    let world = World::new().await;
    let login = run_with_input(world.bare(&["auth", "login"]), KEYS).await;
    assert_eq!(login.code, 0, "{login:?}");
    assert!(config(&world).contains("api_key = \"secret-0123456789\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = world.directory.path().join("config.toml");
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let status = run(world.bare(&["auth", "status"])).await.ok();
    insta::assert_snapshot!(status);
    run(world.bare(&["auth", "logout"])).await.ok();
    assert!(!config(&world).contains("secret"), "{}", config(&world));
    assert_eq!(run(world.bare(&["auth", "status"])).await.code, 4);
}

#[tokio::test]
async fn wrong_input_is_rejected_without_a_repetition() {
    let world = World::new().await;
    for input in [
        "secret-0123456789",
        "OTHER=secret-0123456789",
        "",
        "DD_SITE=us5",
    ] {
        let run = run_with_input(world.bare(&["auth", "login"]), input).await;
        assert_eq!(run.code, 64, "{input}: {run:?}");
        assert!(!run.stderr.contains("secret"), "{run:?}");
    }
    let set = run(world.bare(&["profile", "set", "api_key", "secret-0123456789"])).await;
    assert_eq!(set.code, 64);
    assert!(!set.stderr.contains("secret-"), "{set:?}");
    world.file(
        "config.toml",
        "[profiles.default]\napi_key = \"secret-0123456789",
    );
    let broken = run(world.bare(&["rules", "list"])).await;
    assert_eq!(broken.code, 1, "{broken:?}");
    assert!(broken.stderr.contains("line 2"), "{broken:?}");
    assert!(!broken.stderr.contains("secret"), "{broken:?}");
}

#[tokio::test]
async fn flags_win_over_the_environment_and_that_over_the_profile() {
    let world = World::new().await;
    let set = |name: &'static str, value: &'static str, profile: &'static str| {
        world.bare(&["profile", "set", name, value, "--profile", profile])
    };
    run(set("site", "us5", "work")).await.ok();
    run(set("site", "us3", "other")).await.ok();
    run(world.bare(&["profile", "use", "work"])).await.ok();
    let dry = ["rules", "list", "--dry-run"];
    let url = async |command: tokio::process::Command| {
        let printed = run(command).await.ok();
        printed.lines().last().expect("a line").trim().to_owned()
    };
    let path = "/api/v2/scorecard/rules'";
    let profile = world.bare(&dry);
    assert_eq!(
        url(profile).await,
        format!("'https://api.us5.datadoghq.com{path}")
    );
    let mut named = world.bare(&dry);
    named.env("SCOREKIT_PROFILE", "other");
    assert_eq!(
        url(named).await,
        format!("'https://api.us3.datadoghq.com{path}")
    );
    let mut environment = world.bare(&dry);
    environment.env("DD_SITE", "datadoghq.eu");
    assert_eq!(
        url(environment).await,
        format!("'https://api.datadoghq.eu{path}")
    );
    let flags = [&dry[..], &["--site", "ap1"]].concat();
    let mut flag = world.bare(&flags);
    flag.env("DD_SITE", "datadoghq.eu")
        .env("SCOREKIT_BASE_URL", world.sandbox.url());
    assert_eq!(
        url(flag).await,
        format!("'https://api.ap1.datadoghq.com{path}")
    );

    let list = run(world.bare(&["profile", "list"])).await.ok();
    insta::assert_snapshot!(list);
    for wrong in [
        &["profile", "use", "none"][..],
        &["profile", "set", "colour", "red"],
        &["profile", "set", "site", "nowhere.example"],
        &["rules", "list", "--profile", "none"],
    ] {
        let run = run(world.bare(wrong)).await;
        assert_eq!(run.code, 64, "{wrong:?} {run:?}");
    }
}

#[tokio::test]
async fn credentials_never_show() {
    let world = World::new().await;
    run_with_input(world.bare(&["auth", "login"]), KEYS)
        .await
        .ok();
    let url = world.sandbox.url();
    for arguments in [
        &["rules", "list", "-vvv"][..],
        &["rules", "list", "-vvv", "-o", "json"],
        &["rules", "list", "--all", "-vvv"],
        &[
            "rules",
            "create",
            "--name",
            "A",
            "--scorecard-name",
            "B",
            "-vvv",
        ],
        &["rules", "list", "--dry-run", "-vvv"],
        &["profile", "show"],
        &["profile", "list", "-o", "json"],
        &["auth", "status", "-o", "yaml"],
        &["doctor"],
    ] {
        let mut command = world.bare(arguments);
        command.env("SCOREKIT_BASE_URL", &url);
        let run = run(command).await;
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(!text.is_empty(), "{arguments:?}");
        assert!(!text.contains("secret-"), "{arguments:?}: {text}");
    }
    // The keys were sent, though.
    assert!(
        world
            .sandbox
            .requests()
            .iter()
            .any(|it| it.header("dd-api-key").is_some())
    );
}

/// Every command that sends, and the parts of its bodies.
const SENDING: [(&[&str], &[&str]); 15] = [
    (&["rules", "list"], &[]),
    (&["rules", "list", "--all"], &[]),
    (
        &["rules", "create", "--name", "A", "--scorecard-name", "B"],
        &["\"scorecard_name\":\"B\""],
    ),
    (&["api", "GET", "/api/v2/scorecard/rules"], &[]),
    (
        &["outcomes", "push", "outcomes.csv"],
        &["\"entity_reference\":\"service:api\"", "\"state\":\"fail\""],
    ),
    (&["outcomes", "list", "--all"], &[]),
    (&["scores", "--by", "team"], &[]),
    (&["report"], &[]),
    (
        &["triage", "--project", "PLAT", "--from-failing"],
        &["\"title\":"],
    ),
    (&["cases", "list"], &[]),
    (
        &["cases", "comment", "PLAT-1", "Done."],
        &["\"comment\":\"Done.\""],
    ),
    (
        &["scorecards", "apply", "rules.yaml", "--yes"],
        &["\"scorecard_name\":\"New\""],
    ),
    (&["scorecards", "drift", "rules.yaml"], &[]),
    (
        &["sandbox", "fault", "add", "ListCases:status=503"],
        &["\"fault\":\"ListCases:status=503\""],
    ),
    (&["doctor"], &[]),
];

#[tokio::test]
async fn every_request_shows_its_address_headers_and_body() {
    let world = crate::platform::platform().await;
    world.file("outcomes.csv", "service,rule,state\napi,Runbook,fail\n");
    let rules = "scorecards: [{ name: New, rules: [{ name: One }] }]\n";
    world.file("rules.yaml", rules);
    for (arguments, bodies) in SENDING {
        let run = world.run(&[arguments, &["-vvv"]].concat()).await;
        let lines = |start: &str| {
            let lines = run.stderr.lines();
            lines.filter(|line| line.starts_with(start)).count()
        };
        let (sent, received) = (lines("> GET http") + lines("> POST http"), lines("< "));
        assert!(sent > 0, "{arguments:?}: {run:?}");
        assert_eq!(sent, received, "{arguments:?}: {run:?}");
        assert!(lines("> accept: ") >= sent, "{arguments:?}: {run:?}");
        for body in bodies {
            assert!(run.stderr.contains(body), "{arguments:?} {body}: {run:?}");
        }
        for key in ["dd-api-key", "sbx-"] {
            assert!(!run.stderr.contains(key), "{arguments:?} {key}: {run:?}");
        }
        // One `-v` prints a line for each request and for each response.
        if bodies.is_empty() {
            let brief = world.run(&[arguments, &["-v"]].concat()).await;
            let others = brief.stderr.lines();
            let headers = others.filter(|line| line.starts_with("> accept"));
            assert_eq!(headers.count(), 0, "{arguments:?}: {brief:?}");
        }
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_stored_is_an_error() {
    let world = World::new().await;
    world.file("config.toml", "[profiles]\ndefault = 3\n");
    let set = run(world.bare(&["profile", "set", "site", "us5"])).await;
    assert_eq!(set.code, 1, "{set:?}");
    assert!(set.stderr.contains("is not a table there"), "{set:?}");
    let login = run_with_input(world.bare(&["auth", "login"]), "DD_API_KEY=0123456789\n").await;
    assert_eq!(login.code, 1, "{login:?}");
    assert!(!login.stderr.contains("0123456789"), "{login:?}");
}

#[tokio::test]
async fn a_wrong_address_is_named_by_its_flag() {
    let world = World::new().await;
    let url = "http://name:secret@127.0.0.1:1";
    for arguments in [
        &["rules", "list", "--base-url", url][..],
        &["rules", "list", "--base-url", "lots"],
        &["sandbox", "health", "--url", "lots"],
    ] {
        let flag = arguments[2];
        let run = world.run(arguments).await;
        assert_eq!(run.code, 64, "{run:?}");
        let start = format!("error: {flag}: ");
        assert!(run.stderr.starts_with(&start), "{run:?}");
        for word in ["Config::", "secret@"] {
            assert!(!run.stderr.contains(word), "{run:?}");
        }
    }
}

#[tokio::test]
async fn login_stores_the_site_and_the_address_of_its_flags() {
    let world = World::new().await;
    let login = async |flags: &[&str]| {
        let arguments = [&["auth", "login", "--profile", "eu"], flags].concat();
        run_with_input(world.bare(&arguments), KEYS).await
    };
    let shown = async |flags: &[&str]| {
        let arguments = [&["profile", "show", "--profile", "eu", "-o", "csv"], flags].concat();
        run(world.bare(&arguments)).await.ok()
    };
    login(&["--base-url", "http://127.0.0.1:9"]).await.ok();
    assert!(shown(&[]).await.contains("base_url,http://127.0.0.1:9,"));
    // A new site replaces the address, which would win over it.
    login(&["--site", "datadoghq.eu"]).await.ok();
    let stored = shown(&[]).await;
    assert!(stored.contains("site,datadoghq.eu,profile eu"), "{stored}");
    assert!(!stored.contains("base_url"), "{stored}");
    let set = async |name: &str, value: &str| {
        let arguments = ["profile", "set", name, value, "--profile", "eu"];
        run(world.bare(&arguments)).await
    };
    set("base_url", "http://127.0.0.1:9").await.ok();
    let run = set("site", "us5").await;
    assert!(run.stderr.contains("removed its base_url"), "{run:?}");
    let stored = shown(&[]).await;
    assert!(stored.contains("site,us5"), "{stored}");
    assert!(!stored.contains("base_url"), "{stored}");
    set("base_url", "http://127.0.0.1:9").await.ok();
    let arguments = ["auth", "login", "--profile", "eu"];
    let lines = format!("{KEYS}DD_SITE=datadoghq.eu\n");
    run_with_input(world.bare(&arguments), &lines).await.ok();
    assert!(!shown(&[]).await.contains("base_url"));
    let given = shown(&["--site", "us3"]).await;
    assert!(given.contains("site,us3,flag"), "{given}");
    let wrong = login(&["--site", "nowhere"]).await;
    assert_eq!(wrong.code, 64, "{wrong:?}");
    assert!(wrong.stderr.contains("--site"), "{wrong:?}");
}
