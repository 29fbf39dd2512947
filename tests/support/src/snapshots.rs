//! Snapshots of many strings at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Compares each string with the snapshot of its name in `directory`, and rejects other snapshots
/// there. It compares all of them before it fails, so that one run shows every difference.
pub fn assert_snapshots(directory: &Path, texts: &[(String, String)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut changed = Vec::new();
    for (name, text) in texts {
        let comparison = AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        });
        if catch_unwind(comparison).is_err() {
            changed.push(name.as_str());
        }
    }
    assert!(changed.is_empty(), "changed: {}", changed.join(", "));
    let stale: Vec<_> = std::fs::read_dir(directory)
        .expect("the snapshots")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .filter(|name| {
            name.strip_suffix(".snap")
                .is_some_and(|name| !texts.iter().any(|(known, _)| known == name))
        })
        .collect();
    assert!(
        stale.is_empty(),
        "no test has these snapshots; delete them: {stale:?}"
    );
}
