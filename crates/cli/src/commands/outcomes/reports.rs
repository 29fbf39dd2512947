//! Reads reports of JUnit and SARIF. Their results become one outcome for each service and rule.

use std::collections::BTreeMap;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::Deserialize;

use super::fields::{Fields, Record};
use super::read::Take;

/// The number of failures that the remarks of an outcome name.
const NAMED: usize = 3;

/// The longest text of a failure in remarks, in characters.
const LONGEST: usize = 200;

/// A result of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TestResult {
    Pass,
    Fail,
    Skip,
}

/// The results of one service and rule.
#[derive(Default)]
struct Counts {
    all: u64,
    failed: u64,
    skipped: u64,
    /// The first failures.
    failures: Vec<String>,
}

/// The results of a report by service and rule. Memory depends on the number of these.
#[derive(Default)]
struct Outcomes {
    by_key: BTreeMap<(String, String), Counts>,
    /// The reasons why results belong to no service or rule, without repetitions.
    problems: Vec<String>,
}

impl Outcomes {
    fn add(
        &mut self,
        key: Result<(String, String), String>,
        result: TestResult,
        failure: impl FnOnce() -> String,
    ) {
        let counts = match key {
            Ok(key) => self.by_key.entry(key).or_default(),
            Err(problem) => {
                if !self.problems.contains(&problem) {
                    self.problems.push(problem);
                }
                return;
            }
        };
        counts.all += 1;
        match result {
            TestResult::Pass => {}
            TestResult::Skip => counts.skipped += 1,
            TestResult::Fail => {
                counts.failed += 1;
                if counts.failures.len() < NAMED {
                    counts.failures.push(short(&failure()));
                }
            }
        }
    }

    fn hand_out(self, take: &mut Take<'_>) -> Result<(), String> {
        let outcomes = self.by_key.into_iter().map(|((entity, rule), counts)| {
            Ok(Record {
                entity,
                rule,
                state: counts.state().to_owned(),
                remarks: counts.remarks(),
            })
        });
        let problems = self.problems.into_iter().map(Err);
        for (number, record) in (1..).zip(outcomes.chain(problems)) {
            take(number, record).map_err(|failure| failure.to_string())?;
        }
        Ok(())
    }
}

impl Counts {
    fn state(&self) -> &'static str {
        match self {
            Self { failed: 1.., .. } => "fail",
            Self { all, skipped, .. } if all == skipped => "skip",
            _ => "pass",
        }
    }

    fn remarks(&self) -> Option<String> {
        if self.failed > 0 {
            let named = self.failures.join("; ");
            let more = match usize::try_from(self.failed) {
                Ok(failed) if failed > self.failures.len() => "; …",
                _ => "",
            };
            let text = format!("{} of {} failed: {named}{more}", self.failed, self.all);
            return Some(escape(&text));
        }
        (self.skipped > 0).then(|| format!("{} of {} skipped", self.skipped, self.all))
    }
}

/// Returns a text on one line, cut where it is too long.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Escapes a text for remarks, which may contain HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The outermost element of a JUnit report.
const ROOTS: [&str; 2] = ["testsuites", "testsuite"];

/// A test case of a JUnit report that is being read.
struct TestCase {
    classname: String,
    name: String,
    file: String,
    result: TestResult,
    message: String,
}

/// Reads a JUnit report: the suites in it, and their test cases
/// (<https://github.com/testmoapp/junitxml>).
pub(super) fn junit(
    input: Box<dyn BufRead>,
    fields: &Fields,
    take: &mut Take<'_>,
) -> Result<(), String> {
    let mut reader = Reader::from_reader(input);
    let mut buffer = Vec::new();
    let mut outcomes = Outcomes::default();
    let mut suites: Vec<String> = Vec::new();
    let mut case: Option<TestCase> = None;
    let mut has_root = false;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| format!("it is not XML: {error}"))? {
            Event::Start(tag) | Event::Empty(tag)
                if !has_root && !ROOTS.contains(&tag.local_name().as_ref()) =>
            {
                let name = tag.local_name();
                return Err(format!(
                    "it is not a JUnit report: it begins with <{}>",
                    name.as_ref()
                ));
            }
            Event::Start(tag) => match tag.local_name().as_ref() {
                "testsuite" => suites.push(attribute(&tag, "name")?),
                "testcase" => case = Some(test_case(&tag)?),
                name => mark(name, &tag, case.as_mut())?,
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "testcase" => finish(&test_case(&tag)?, &suites, fields, &mut outcomes),
                name => mark(name, &tag, case.as_mut())?,
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "testsuite" => drop(suites.pop()),
                "testcase" => {
                    if let Some(case) = case.take() {
                        finish(&case, &suites, fields, &mut outcomes);
                    }
                }
                _ => {}
            },
            Event::Eof => break,
            _ => continue,
        }
        has_root = true;
    }
    if !has_root {
        return Err("it is not a JUnit report: it is empty".to_owned());
    }
    outcomes.hand_out(take)
}

fn test_case(tag: &BytesStart<'_>) -> Result<TestCase, String> {
    Ok(TestCase {
        classname: attribute(tag, "classname")?,
        name: attribute(tag, "name")?,
        file: attribute(tag, "file")?,
        result: TestResult::Pass,
        message: String::new(),
    })
}

/// Notes what an element within a test case says about it.
fn mark(name: &str, tag: &BytesStart<'_>, case: Option<&mut TestCase>) -> Result<(), String> {
    let Some(case) = case else {
        return Ok(());
    };
    match name {
        "failure" | "error" => {
            case.result = TestResult::Fail;
            if case.message.is_empty() {
                case.message = attribute(tag, "message")?;
            }
        }
        "skipped" if case.result == TestResult::Pass => case.result = TestResult::Skip,
        _ => {}
    }
    Ok(())
}

fn finish(case: &TestCase, suites: &[String], fields: &Fields, outcomes: &mut Outcomes) {
    let suite = suites.iter().rev().find(|suite| !suite.is_empty());
    let get = |name: &str| match name {
        "suite" => suite.cloned(),
        "classname" => Some(case.classname.clone()),
        "name" => Some(case.name.clone()),
        "file" => Some(case.file.clone()),
        _ => None,
    };
    outcomes.add(fields.key(&get), case.result, || {
        match case.message.is_empty() {
            true => case.name.clone(),
            false => format!("{}: {}", case.name, case.message),
        }
    });
}

/// Returns an attribute of an element; empty if it has none of this name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String, String> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| format!("it is not XML: {error}"))?;
        if attribute.key.as_ref() == name {
            let raw = &attribute.value;
            let value = quick_xml::escape::unescape(raw);
            return Ok(value.map_or_else(|_| raw.to_string(), |value| value.into_owned()));
        }
    }
    Ok(String::new())
}

/// The parts of a SARIF report that the command reads
/// (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).
#[derive(Deserialize)]
struct Sarif {
    runs: Vec<SarifRun>,
}

#[derive(Deserialize)]
struct SarifRun {
    tool: SarifTool,
    #[serde(default)]
    results: Vec<SarifResult>,
}

#[derive(Deserialize)]
struct SarifTool {
    driver: SarifDriver,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifDriver {
    #[serde(default)]
    name: String,
    #[serde(default)]
    rules: Vec<SarifRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: String,
    #[serde(default)]
    default_configuration: SarifConfiguration,
}

#[derive(Default, Deserialize)]
struct SarifConfiguration {
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Option<String>,
    rule_index: Option<usize>,
    kind: Option<String>,
    level: Option<String>,
    baseline_state: Option<String>,
    #[serde(default)]
    message: SarifMessage,
    #[serde(default)]
    suppressions: Vec<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct SarifMessage {
    #[serde(default)]
    text: String,
}

/// Reads a SARIF report. A rule without findings passes.
pub(super) fn sarif(
    input: Box<dyn BufRead>,
    fields: &Fields,
    take: &mut Take<'_>,
) -> Result<(), String> {
    let report: Sarif = serde_json::from_reader(input)
        .map_err(|error| format!("it is not a SARIF report: {error}"))?;
    let mut outcomes = Outcomes::default();
    for run in &report.runs {
        let driver = &run.tool.driver;
        let key = |rule: &str| {
            fields.key(&|name| match name {
                "rule" => Some(rule.to_owned()),
                "tool" => Some(driver.name.clone()),
                _ => None,
            })
        };
        let mut found: Vec<&str> = Vec::new();
        for result in &run.results {
            let index = result.rule_index.and_then(|index| driver.rules.get(index));
            let by_index = || index.map(|rule| rule.id.as_str());
            let id = result
                .rule_id
                .as_deref()
                .or_else(by_index)
                .unwrap_or_default();
            let described = driver.rules.iter().find(|rule| rule.id == id);
            let default = described.and_then(|rule| rule.default_configuration.level.as_deref());
            found.push(id);
            let text = || format!("{id}: {}", result.message.text);
            outcomes.add(key(id), result.meaning(default), text);
        }
        for rule in &driver.rules {
            if !found.contains(&rule.id.as_str()) {
                outcomes.add(key(&rule.id), TestResult::Pass, String::new);
            }
        }
    }
    outcomes.hand_out(take)
}

impl SarifResult {
    /// Returns the meaning of a result: an error or a warning fails, unless it is suppressed or
    /// gone.
    fn meaning(&self, default_level: Option<&str>) -> TestResult {
        let is_gone = self.baseline_state.as_deref() == Some("absent");
        if is_gone || !self.suppressions.is_empty() {
            return TestResult::Pass;
        }
        match self.kind.as_deref() {
            Some("pass" | "informational") => return TestResult::Pass,
            Some("notApplicable") => return TestResult::Skip,
            _ => {}
        }
        match self.level.as_deref().or(default_level).unwrap_or("warning") {
            "none" | "note" => TestResult::Pass,
            _ => TestResult::Fail,
        }
    }
}
