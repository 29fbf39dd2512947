//! Runs of a journal: a push begins a new one, or continues an interrupted one.

use std::path::PathBuf;

use scorekit_core::{Delivery, ErrorKind, Journal, Push};

use super::order_server::*;

/// An empty directory, which is deleted at the end.
struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Pushes all items, and returns the numbers of those that an interrupted push had sent, that this
/// push sent, and that failed.
async fn counts(push: Push<'_>, journal: impl Into<Journal>) -> (u64, u64, u64) {
    let report = push.journal(journal).unwrap().finish().await;
    let progress = report.progress;
    (progress.already_sent, progress.sent, progress.failed)
}

/// Takes the results of some items, and drops the push.
async fn interrupt(push: Push<'_>, journal: impl Into<Journal>, results: usize) {
    let mut push = push.journal(journal).unwrap();
    for _ in 0..results {
        push.next().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn run_that_is_over_is_followed_by_a_new_one() {
    let directory = Directory::new();
    let path = directory.at("journal");
    for night in 0..3 {
        let till = OrderServer::kind();
        assert_eq!(counts(till.push(orders(35)), &path).await, (0, 35, 0));
        assert_eq!(till.taken().len(), 35, "{night}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("end\n").count(), 1, "{text}");
    }
    // The run is over, although items failed.
    let till = OrderServer::picky(true, |number| number % 10 == 3);
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 31, 4));
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 31, 4));
    // An input without items is a run, too.
    assert_eq!(counts(till.push(orders(0)), &path).await, (0, 0, 0));
    let till = OrderServer::kind();
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 35, 0));
}

#[tokio::test(start_paused = true)]
async fn caller_that_counts_results_ends_the_run() {
    let directory = Directory::new();
    let path = directory.at("journal");
    let till = OrderServer::kind();
    interrupt(till.push(orders(35)), &path, 35).await;
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 35, 0));
    interrupt(till.push(orders(35)), &path, 34).await;
    assert_eq!(counts(till.push(orders(35)), &path).await, (35, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn failed_items_are_sent_again_on_request() {
    let directory = Directory::new();
    let path = directory.at("journal");
    let till = OrderServer::picky(true, |number| number % 10 == 3);
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 31, 4));
    let again = Journal::new(&path).only_failed();
    assert_eq!(
        counts(till.push(orders(35)), again.clone()).await,
        (31, 0, 4)
    );
    let till = OrderServer::kind();
    // An interrupted repetition is resumed like any other run.
    interrupt(till.push(orders(35)), again, 34).await;
    assert_eq!(till.taken(), [3, 13, 23, 33]);
    assert_eq!(counts(till.push(orders(35)), &path).await, (35, 0, 0));
    assert_eq!(counts(till.push(orders(35)), &path).await, (0, 35, 0));
}

#[tokio::test(start_paused = true)]
async fn interrupted_run_is_resumed_only_by_its_name() {
    let directory = Directory::new();
    let path = directory.at("journal");
    let monday = || Journal::new(&path).run("Monday 23:00");
    let tuesday = || Journal::new(&path).run("Tuesday 23:00");
    let till = OrderServer::kind();
    for (journal, other) in [
        (monday(), tuesday()),
        (monday(), Journal::new(&path)),
        (Journal::new(&path), monday()),
    ] {
        interrupt(till.push(orders(35)), journal.clone(), 34).await;
        assert_eq!(
            counts(till.push(orders(35)), journal.clone()).await,
            (35, 0, 0)
        );
        interrupt(till.push(orders(35)), journal, 34).await;
        assert_eq!(counts(till.push(orders(35)), other).await, (0, 35, 0));
    }
    // A first line that was not written as a whole.
    interrupt(till.push(orders(35)), monday(), 34).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let title = text.lines().next().unwrap();
    for length in 0..=title.len() {
        std::fs::write(&path, &text[..length]).unwrap();
        assert_eq!(counts(till.push(orders(35)), tuesday()).await, (0, 35, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn only_failed_needs_the_run_that_failed() {
    let directory = Directory::new();
    let path = directory.at("journal");
    let till = OrderServer::kind();
    let of = |journal: Journal| till.push(orders(5)).journal(journal).unwrap_err();
    let error = of(Journal::new(&path).only_failed());
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error.to_string().contains("cannot use the journal"),
        "{error}"
    );
    assert!(!path.exists());
    counts(till.push(orders(5)), Journal::new(&path).run("one")).await;
    for other in [Journal::new(&path), Journal::new(&path).run("two")] {
        let error = of(other.only_failed());
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error.to_string().contains("it has no run of this name"),
            "{error}"
        );
    }
    for name in ["", "-", "a\nb", "\u{7f}", &"x".repeat(201)] {
        let error = of(Journal::new(&path).run(name));
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error.to_string().contains("the name of a run has"),
            "{error}"
        );
    }
    // Nothing was lost.
    let again = Journal::new(&path).run("one").only_failed();
    assert_eq!(counts(till.push(orders(5)), again).await, (5, 0, 0));
}

// The paths of devices are those of Linux.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn irregular_files_are_rejected_at_once() {
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::Command;

    let directory = Directory::new();
    let pipe = directory.at("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let full = directory.at("full");
    symlink("/dev/full", &full).unwrap();
    let loose = directory.at("loose");
    symlink(directory.at("missing").join("journal"), &loose).unwrap();
    let till = OrderServer::kind();
    // No program can create a file in the directory `/proc`.
    for (path, expected) in [
        (pipe.as_path(), "it is not a regular file"),
        (full.as_path(), "it is not a regular file"),
        (directory.0.path(), "it is not a regular file"),
        (Path::new("/dev/full"), "it is not a regular file"),
        (Path::new("/proc/journal"), "cannot use the journal"),
        (loose.as_path(), "cannot use the journal"),
    ] {
        let error = till.push(orders(5)).journal(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(till.sizes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn resumed_items_are_distinguished() {
    let directory = Directory::new();
    let path = directory.at("journal");
    let till = OrderServer::kind();
    interrupt(till.push(orders(50)), &path, 10).await;
    let mut push = till.push(orders(50)).journal(&path).unwrap();
    let mut deliveries = Vec::new();
    while let Some(pushed) = push.next().await {
        deliveries.push(pushed.result.unwrap());
    }
    assert!(deliveries.contains(&Delivery::AlreadySent));
    assert!(deliveries.contains(&Delivery::Sent));
}
