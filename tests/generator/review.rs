//! `cargo xtask review`, and the progress that a command shows after a second.

mod before_release;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use scorekit_test_support::{cargo, workspace, xtask, xtask_command};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn long_commands_report_their_steps() {
    let mut document = String::from(
        "openapi: 3.0.3\ninfo: {title: slow, version: 1.0.0}\nservers: [{url: \"https://api.example.com\"}]\npaths:\n",
    );
    for number in 0..8 {
        let _ = writeln!(
            document,
            "  /orders{number}:\n    get: {{tags: [shop{number}], responses: {{\"204\": {{description: Nothing.}}}}}}"
        );
    }
    // The document is a pipe, so this test decides how long reading it takes, on any machine.
    let directory = TempDir::new().expect("a temporary directory");
    let (pipe, out) = (
        directory.path().join("slow.yaml"),
        directory.path().join("out"),
    );
    let mut make_pipe = Command::new("mkfifo");
    assert!(make_pipe.arg(&pipe).status().expect("mkfifo").success());
    let (path, out) = (pipe.display().to_string(), out.display().to_string());
    let mut running = xtask_command(&["generate", "--spec", &path, "--out", &out])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo runs");
    let mut said = BufReader::new(running.stderr.take().expect("the pipe"));
    let (mut printed, mut line) = (String::new(), String::new());
    while !line.ends_with(" s] reading the document\n") {
        line.clear();
        let length = said.read_line(&mut line).expect("the command's words");
        assert!(length > 0, "it ended: {printed}");
        printed.push_str(&line);
    }
    std::fs::write(&pipe, document).expect("the pipe takes it");
    said.read_to_string(&mut printed)
        .expect("the command's last words");
    let output = running.wait_with_output().expect("the command ends");

    assert!(output.status.success(), "{printed}");
    for number in 0..8 {
        let step = format!("/8] generating the crate of `shop{number}`");
        assert!(printed.contains(&step), "{printed}");
    }
    // The progress is printed as lines, because this is not a terminal.
    assert!(
        !printed.contains('\u{1b}') && !printed.contains('\r'),
        "{printed:?}"
    );
    assert!(!text(&output.stdout).contains("generating"), "{output:?}");
}

#[test]
fn help_lists_the_exit_codes() {
    let help = cargo(&workspace(), &["xtask", "--help"]);
    let shown = text(&help.stdout);
    for code in [
        "0  all is well",
        "1  findings: something is stale",
        "2  misuse",
    ] {
        assert!(shown.contains(code), "{shown}");
    }
    let misuse = xtask(&["diff", "--format", "xml"]);
    assert_eq!(misuse.status.code(), Some(2), "{misuse:?}");
    assert_eq!(text(&misuse.stdout), "");
}
