//! Strings of a server do not control the terminal of a reader.

use crate::world::{World, run};

#[cfg(unix)]
mod pseudo {
    //! The binary on a terminal of its own.

    use std::io::{Read as _, Write as _};

    use pty_process::Size;
    use pty_process::blocking::{Command, open};
    use scorekit_test_support::program;

    use crate::platform::platform;
    use crate::world::World;

    /// Runs the binary on a terminal of this width, writes the second text of the dialog after the
    /// first one, and returns the exit code and what the terminal got.
    async fn terminal(
        world: &World,
        width: u16,
        arguments: &[&str],
        dialog: Option<(&'static str, &'static str)>,
    ) -> (i32, String) {
        let (mut pty, pts) = open().expect("a terminal");
        pty.resize(Size::new(24, width)).expect("a size");
        let keys = world.sandbox.credentials();
        let command = Command::new(program())
            .args(arguments)
            .env("SCOREKIT_BASE_URL", world.sandbox.url())
            .env("SCOREKIT_CONFIG", world.directory.path().join("none"))
            .env("DD_API_KEY", keys.api_key)
            .env("DD_APP_KEY", keys.application_key)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR");
        let mut child = command.spawn(pts).expect("the binary runs");
        // The sandbox runs in the threads of the test.
        let read = tokio::task::spawn_blocking(move || {
            let (mut text, mut buffer, mut dialog) = (Vec::new(), [0; 4096], dialog);
            // Reading fails when the program has closed the terminal.
            while let Ok(count @ 1..) = pty.read(&mut buffer) {
                text.extend_from_slice(&buffer[..count]);
                let shown = String::from_utf8_lossy(&text);
                if let Some((_, input)) = dialog.filter(|(prompt, _)| shown.contains(prompt)) {
                    pty.write_all(input.as_bytes()).expect("a reader");
                    dialog = None;
                }
            }
            let status = child.wait().expect("it ends");
            let text = String::from_utf8_lossy(&text).replace('\r', "");
            (status.code().expect("an exit code"), text)
        });
        read.await.expect("a thread")
    }

    #[tokio::test]
    async fn a_table_fits_and_has_a_bold_header() {
        let world = platform().await;
        let table = ["rules", "list", "--all"];
        let (code, text) = terminal(&world, 40, &table, None).await;
        assert_eq!(code, 0, "{text}");
        assert!(text.starts_with("\u{1b}[1mID"), "{text:?}");
        let plain = text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert!(plain.lines().count() > 4, "{plain}");
        for line in plain.lines() {
            assert!(line.chars().count() <= 40, "{line:?}");
        }
        let no_color = [&table[..], &["--no-color"]].concat();
        let (_, text) = terminal(&world, 40, &no_color, None).await;
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[tokio::test]
    async fn what_to_do_is_not_cut() {
        let world = World::new().await;
        let doctor = ["doctor", "--base-url", "http://127.0.0.1:1"];
        let (code, text) = terminal(&world, 60, &doctor, None).await;
        assert_eq!(code, 1, "{text}");
        assert!(!text.contains('…'), "{text}");
        assert!(text.contains("ACTION"), "{text}");
        let plain = text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        for line in plain.lines() {
            assert!(line.chars().count() <= 60, "{line:?}");
        }
    }

    #[tokio::test]
    async fn a_bulk_change_asks_on_the_terminal() {
        let world = platform().await;
        let create = ["cases", "create", "--title", "Disk", "--project", "PLAT"];
        let create = [&create[..], &["--type-id", "Standard"]].concat();
        world.run(&create).await.ok();
        let bulk = ["cases", "bulk", "priority", "P1"];
        let question = "Change 1 case? [y/N] ";
        let (code, text) = terminal(&world, 80, &bulk, Some((question, "n\n"))).await;
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("nothing was changed"), "{text}");
        let (code, text) = terminal(&world, 80, &bulk, Some((question, "y\n"))).await;
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("changed 1 case"), "{text}");
    }
}

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
