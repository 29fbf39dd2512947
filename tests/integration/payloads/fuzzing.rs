//! The fuzz target on its corpus and on random changes of it, for machines without the fuzzer.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;

use scorekit_calls::decode;
use scorekit_test_support::{runner, workspace};

/// The number of changed copies of each seed, unless `PROPTEST_CASES` is set.
const CHANGES: u32 = 48;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let directory = workspace().join("tests/fuzz/corpus/decode");
    let entries = std::fs::read_dir(&directory).expect("the corpus");
    let mut seeds: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        // The fuzzer names its own files by 40 digits.
        .filter(|path| path.file_name().is_some_and(|name| name.len() != 40))
        .map(|path| {
            let data = std::fs::read(&path).expect("a seed");
            (path, data)
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() > 10, "{} seeds", seeds.len());
    seeds
}

/// One change of a seed.
#[derive(Clone, Debug)]
enum Change {
    Cut(Index),
    Remove(Index, u8),
    Repeat(Index, u8),
    Replace(Index, u8),
    Insert(Index, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let words = prop::sample::select(vec![
        "null",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\u0000",
        "\\ud800",
        "1e999",
        "-0",
        "true",
        "\u{feff}",
        "\u{2028}",
        "canary-key-0001",
        "\r\n",
    ]);
    prop_oneof![
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Change::Repeat(at, count)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), words).prop_map(|(at, word)| Change::Insert(at, word)),
    ]
}

fn apply(data: &mut Vec<u8>, change: &Change) {
    let place = |at: &Index, data: &Vec<u8>| at.index(data.len() + 1);
    match change {
        Change::Cut(at) => data.truncate(place(at, data)),
        Change::Remove(at, count) => {
            let start = place(at, data);
            data.drain(start..data.len().min(start + usize::from(*count)));
        }
        Change::Repeat(at, count) => {
            let start = place(at, data);
            let part = data[start..data.len().min(start + usize::from(*count))].to_vec();
            data.splice(start..start, part);
        }
        Change::Replace(at, byte) => {
            let start = place(at, data);
            if let Some(old) = data.get_mut(start) {
                *old = *byte;
            }
        }
        Change::Insert(at, word) => {
            let start = place(at, data);
            data.splice(start..start, word.bytes());
        }
    }
}

#[test]
fn the_corpus_and_changes_of_it_pass() {
    let changes = proptest::collection::vec(change(), 1..6);
    for (path, seed) in corpus() {
        decode::run(&seed);
        let outcome = runner(CHANGES).run(&changes, |changes| {
            let mut data = seed.clone();
            changes.iter().for_each(|change| apply(&mut data, change));
            decode::run(&data);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{}: {error}", path.display());
        }
    }
}
