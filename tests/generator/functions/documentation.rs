//! Descriptions as lines of documentation.

use scorekit_codegen::generate::refine::documentation::lines;

#[test]
fn descriptions_are_escaped_for_rustdoc() {
    let text = "See page[size] & <b>bold</b>, `a[b]`, [here](https://a.example/x) or https://b.example/y.\n\n```rust\nfn main() {}\n```\n\n    let indented = 1;";
    let expected = [
        "See page\\[size\\] & \\<b\\>bold\\</b\\>, `a[b]`, [here](https://a.example/x) or <https://b.example/y>.",
        "",
        "```text",
        "fn main() {}",
        "```",
        "",
        "let indented = 1;",
    ];
    assert_eq!(lines(text), expected);
}

#[test]
fn no_wrapped_line_is_a_fence() {
    for mark in ["```", "````", "~~~"] {
        let text = format!(
            "{}{mark}rust fn main() {{}} {mark} tail",
            "word ".repeat(19)
        );
        let lines = lines(&text);
        assert!(
            lines
                .iter()
                .all(|line| !line.starts_with("```") && !line.starts_with("~~~")),
            "{lines:?}"
        );
    }
}

#[test]
fn characters_that_no_comment_may_hold_become_spaces() {
    assert_eq!(lines("a\rb\u{202e}c\u{7}d\r\n\r\ne"), ["a b c d", "", "e"]);
}

#[test]
fn an_open_code_span_or_fence_is_closed() {
    assert_eq!(lines("a ` b [c]"), ["a \\` b \\[c\\]"]);
    assert_eq!(lines("```\nx"), ["```text", "x", "```"]);
}
