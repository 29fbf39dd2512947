//! The commands of `docs/jobs`, `docs/guide` and `docs/cli.md` run, in their order, against the
//! sandbox of a small platform team.

use scorekit_test_support::workspace;

use crate::examples::shell;
use crate::platform::platform;

/// Returns the commands in the console blocks of a page. A backslash continues a line, and a line
/// that ends with `<<'END'` continues up to `END`.
fn commands(page: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let (mut is_console, mut continues, mut is_document) = (false, false, false);
    for line in page.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
            continue;
        }
        match line.strip_prefix("$ ") {
            _ if !is_console => continue,
            _ if is_document => {
                if let Some(last) = commands.last_mut() {
                    *last = format!("{last}\n{line}");
                }
                is_document = line != "END";
                continue;
            }
            Some(command) => commands.push(command.to_owned()),
            None if continues => {
                if let Some(last) = commands.last_mut() {
                    *last = format!("{}{line}", last.trim_end_matches('\\'));
                }
            }
            None => continue,
        }
        continues = line.ends_with('\\');
        is_document = line.ends_with("<<'END'");
    }
    commands
}

#[tokio::test]
async fn the_commands_of_every_page_run() {
    let directories = ["docs/jobs", "docs/guide"].map(|path| workspace().join(path));
    let pages = directories.map(|path| std::fs::read_dir(path).expect("pages"));
    let (mut count, mut wrong) = (0, Vec::new());
    for page in pages.into_iter().flatten() {
        let path = page.expect("a page").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        let world = platform().await;
        for command in commands(&text) {
            let run = shell(&world, &command).await;
            count += 1;
            if run.code != 0 {
                wrong.push(format!("{}: {command}\n{run:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 40, "{count}");
}

/// Commands of `docs/cli.md` that need a terminal, the network, or an API that does not exist.
const NOT_RUN: [&str; 5] = [
    "cargo install scorekit-cli",
    "scorekit auth login",
    "scorekit api PUT /api/v2/new/thing --input thing.json",
    "cargo install scorekit-cli --features keyring",
    "scorekit auth login --keyring",
];

const CAMPAIGN: &str = r#"{"data": {"type": "campaign", "attributes": {
    "name": "Q1", "key": "q1-security", "owner_id": "4f7bd0a9-5c43-4b3c-9a75-6f1d2e8a3b60",
    "rule_ids": ["on-call"], "start_date": "2026-01-01T00:00:00Z"
}}}"#;

#[tokio::test]
async fn the_commands_of_the_reference_run() {
    let page = workspace().join("docs/cli.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let world = platform().await;
    world.rule("Tests pass").await;
    for (file, text) in [
        (
            "outcomes.csv",
            "service,app,rule,state,result\nweb,web,Tests pass,pass,pass\n",
        ),
        (
            "junit.xml",
            "<testsuite name=\"web\"><testcase name=\"a\"/></testsuite>",
        ),
        (
            "scan.sarif",
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan"}}, "results": []}]}"#,
        ),
        ("campaign.json", CAMPAIGN),
        ("keys.env", "DD_API_KEY=key\nDD_APP_KEY=key\n"),
    ] {
        world.file(file, text);
    }
    let create = ["campaigns", "create", "--body", "campaign.json"];
    world.run(&create).await.ok();
    let home = world.directory.path();
    let completions = home.join(".local/share/bash-completion/completions");
    std::fs::create_dir_all(completions).expect("a directory");
    let home = home.display();
    let (mut skipped, mut wrong) = (Vec::new(), Vec::new());
    for command in commands(&page) {
        if let Some(known) = NOT_RUN.iter().find(|known| **known == command) {
            skipped.push(*known);
            continue;
        }
        let line = command
            .replace("TYPE_ID", "8f2e6b0a-6a53-4a0e-8f0b-3f3a6f2f9d11")
            .replace("PROJECT_ID", "5b0c3f5e-41d7-4a37-9c55-0d2f7a9be1c4");
        let run = shell(&world, &format!("HOME='{home}'\n{line}")).await;
        if run.code != 0 {
            wrong.push(format!("{command}\n{run:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(skipped, NOT_RUN);
}
