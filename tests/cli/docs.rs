//! The commands of `docs/jobs` and `docs/guide` run, in their order, against the sandbox of a small
//! platform team.

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
