//! The tests of the plan.

use serde_json::{Value, json};

use super::files::Declared;
use super::kinds::Kind;
use super::plan::plan;
use super::server::{Builder, Resource};

/// Returns the actions of the plan for a file, and its notes.
fn planned(file: &str, rules: &[Value], prune: bool) -> (Vec<String>, Vec<String>) {
    let mut declared = Declared::default();
    declared.add("rules.yaml", file);
    assert!(declared.problems.is_empty(), "{:?}", declared.problems);
    let mut builder = Builder::default();
    for (number, attributes) in rules.iter().enumerate() {
        let resource = json!({ "id": format!("r{number}"), "attributes": attributes });
        let resource = Resource::of(Kind::Rule.definition(), resource).expect("a rule");
        builder.add(Kind::Rule, None, resource);
    }
    let plan = plan(&declared, &builder.server, prune);
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
    let changes = plan.changes.iter();
    let changes = changes.map(|it| format!("{} {}", it.action.name(), it.address));
    (changes.collect(), plan.notes)
}

#[test]
fn rules_of_the_vendor_and_of_other_scorecards_are_never_deleted() {
    let file = "scorecards: [{ name: A, rules: [{ name: Kept, level: 1 }] }]";
    let rule = |scorecard: &str, name: &str, is_custom: bool| {
        let mut rule = json!({ "scorecard_name": scorecard, "name": name, "level": 1 });
        rule["custom"] = is_custom.into();
        rule
    };
    let rules = [
        rule("A", "Kept", true),
        rule("A", "Old", true),
        rule("A", "Default", false),
        rule("B", "Other", true),
    ];
    let (changes, notes) = planned(file, &rules, true);
    assert_eq!(changes, ["delete A/Old"]);
    assert_eq!(notes, Vec::<String>::new());
    let (changes, notes) = planned(file, &rules, false);
    assert_eq!(changes, Vec::<String>::new());
    assert_eq!(notes.len(), 1, "{notes:?}");
}

/// Plans this many unchanged rules of a file, and returns the allocations and the peak of
/// memory: of the file, the server's rules and the plan, and of its saved form if wanted.
fn cost(count: usize, is_saved: bool) -> (u64, u64) {
    let mut file = "scorecards:\n".to_owned();
    for number in 0..count {
        if number % 10 == 0 {
            file.push_str(&format!("  - name: S{number}\n    rules:\n"));
        }
        file.push_str(&format!(
            "      - name: R{number}\n        level: 1\n        description: A rule.\n"
        ));
    }
    let measured = allocation_counter::measure(|| {
        let mut declared = Declared::default();
        declared.add("rules.yaml", &file);
        declared.check();
        let mut builder = Builder::default();
        for number in 0..count {
            let scorecard = format!("S{}", number - number % 10);
            let rule = json!({
                "id": format!("r{number}"),
                "attributes": {
                    "name": format!("R{number}"),
                    "scorecard_name": scorecard,
                    "level": 1,
                    "description": "A rule.",
                    "owner": "platform",
                    "enabled": true,
                    "created_at": "2026-01-31T08:30:00Z",
                },
            });
            let resource = Resource::of(Kind::Rule.definition(), rule).expect("a rule");
            builder.add(Kind::Rule, None, resource);
        }
        let plan = plan(&declared, &builder.server, true);
        assert!(plan.problems.is_empty() && plan.changes.is_empty());
        if is_saved {
            let saved = super::saved::write(&plan, true, "https://api.example.com");
            assert!(saved.len() > 100 * count);
        }
    });
    (measured.count_total, measured.bytes_max)
}

#[test]
fn each_rule_costs_the_same_in_a_large_plan() {
    let ((small, _), (large, peak)) = (cost(1_000, true), cost(4_000, true));
    assert!(large < 4 * small + small / 5, "{small} {large}");
    // The file, the server and the saved plan hold the rule at the same time.
    assert!(peak < 10_000 * 4_000, "{peak}");
}

#[test]
fn an_unchanged_rule_takes_less_than_a_kilobyte() {
    let ((_, small), (_, large)) = (cost(1_000, false), cost(17_000, false));
    let bytes = (large - small) / 16_000;
    assert!(bytes < 1_000, "{bytes}");
}

#[test]
fn a_rename_that_was_made_in_part_goes_on() {
    let file = "scorecards: [{ name: New, was: Old, rules: [{ name: A }, { name: B }] }]";
    let rules = [
        json!({ "scorecard_name": "New", "name": "A" }),
        json!({ "scorecard_name": "Old", "name": "B" }),
        json!({ "scorecard_name": "Old", "name": "C" }),
    ];
    let (changes, _) = planned(file, &rules, true);
    assert_eq!(changes, ["update New/B", "delete Old/C"]);
}
