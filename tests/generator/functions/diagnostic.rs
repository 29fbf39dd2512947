//! The excerpt of a file in a diagnostic.

use std::path::PathBuf;
use std::sync::Arc;

use scorekit_codegen::{Diagnostic, Location, SourceFile};

#[test]
fn long_line_is_shown_around_the_place() {
    let text = format!("{{\"{}\": \"ü\", \"here\": 1}}", "é".repeat(100_000));
    let column = text.chars().count() - 9;
    let file = Arc::new(SourceFile::new(PathBuf::from("api.json"), text));
    let location = Location::new(&file, 1, column, 6);
    let shown = Diagnostic::new(&location, "wrong", "write it").render(false);
    assert!(
        shown.contains(&format!("--> api.json:1:{column}")),
        "{shown}"
    );
    assert!(shown.contains("\"here\": 1"), "{shown}");
    assert!(shown.len() < 1_000, "{} bytes", shown.len());
}
