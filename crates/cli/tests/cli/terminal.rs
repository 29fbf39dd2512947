//! Strings of a server do not control the terminal of a reader.

use crate::world::{World, run};

const HOSTILE: &str = "a\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}b";

/// Returns true if a terminal would act on a character of the text.
fn is_hostile(text: &str) -> bool {
    let is_direction = |letter: char| ('\u{202a}'..='\u{202e}').contains(&letter);
    text.chars()
        .any(|letter| letter.is_control() && letter != '\n' || is_direction(letter))
}

#[tokio::test]
async fn control_characters_are_escaped_in_every_format() {
    let world = World::new().await;
    let name = serde_json::to_string(HOSTILE).expect("JSON");
    let body = format!(
        r#"{{"data": {{"type": "rule", "attributes": {{"name": {name}, "scorecard_name": "P"}}}}}}"#
    );
    let file = world.file("rule.json", &body);
    world.run(&["rules", "create", "--body", &file]).await.ok();
    let mut outputs = Vec::new();
    for format in ["table", "json", "jsonl", "yaml", "csv", "name"] {
        for more in [&[][..], &["--all"]] {
            let list = ["rules", "list", "-o", format];
            outputs.push(world.run(&[&list[..], more].concat()).await.ok());
        }
    }
    let filter = ["rules", "list", "--jq", ".data[].attributes.name"];
    outputs.push(world.run(&filter).await.ok());
    assert_eq!(outputs.iter().filter(|it| it.contains("title")).count(), 11);
    for output in &outputs {
        assert!(!is_hostile(output), "{output:?}");
    }
    // JSON says the same, escaped.
    let page = world.run(&["rules", "list", "-o", "json"]).await.json();
    assert_eq!(page["data"][0]["attributes"]["name"], HOSTILE);
    // An error repeats what was typed.
    let missing = world.run(&["rules", "delete", HOSTILE]).await;
    assert_eq!(missing.code, 1);
    assert!(!is_hostile(&missing.stderr), "{missing:?}");
}

#[tokio::test]
async fn nothing_is_colored_without_a_terminal() {
    let world = World::new().await;
    world.rule("A").await;
    let mut colored = world.command(&["rules", "list"]);
    colored.env("TERM", "xterm-256color");
    let table = run(colored).await.ok();
    assert!(!table.contains('\u{1b}'), "{table:?}");
    let wrong = world.run(&["rules", "lsit"]).await;
    assert!(!wrong.stderr.contains('\u{1b}'), "{wrong:?}");
}
