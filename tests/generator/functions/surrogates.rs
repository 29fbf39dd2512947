//! Characters that JSON writes as two escapes.

use scorekit_codegen::document::surrogates::Joined;

#[test]
fn pairs_are_joined_and_nothing_else_is() {
    let joined = Joined::of("{\n \"a\": \"\\ud83d\\ude00 é\\uD83D\\uDE00\", \"b\": 1}");
    assert_eq!(
        joined.text,
        "{\n \"a\": \"\\U0001F600 é\\U0001F600\", \"b\": 1}"
    );
    // Checks positions before the first pair, between the two and after both.
    assert_eq!(
        [7, 18, 31].map(|column| joined.column(2, column)),
        [7, 20, 35]
    );
    assert_eq!(joined.column(3, 7), 7);
    for text in [
        "{\"a\": \"\\\\ud83d\\\\ude00\"}",
        "{\"a\": \"\\ud83d\"}",
        "{\"a\": \"\\ud83d\\n\\ude00\"}",
        "{\"a\": \"\\u00e9\\u00e8\"}",
        "{\"a\": \"\\u+83d\\u+e00\\",
        "{\"a\": \"\\",
        "a: '\\ud83d\\ude00'",
    ] {
        assert_eq!(Joined::of(text).text, text);
    }
}
