//! Which version each crate needs, by Semantic Versioning as cargo reads it: below 1.0.0 the second number is the one
//! that breaks, below 0.1.0 the third.

use std::path::Path;

use serde::Serialize;
use toml_edit::DocumentMut;

use super::api::Effect;
use super::report::CrateReport;

/// How far a version has to go.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nowhere: nothing differs.
    None,
    /// A fix: the interface is the same.
    Fix,
    /// An addition: code written against the old version compiles.
    Addition,
    /// Code written against the old version does not compile, or means something else.
    Breaking,
}

/// What to do with the version of a crate.
#[derive(Clone, Debug, Serialize)]
pub struct Advice {
    /// The crate.
    pub name: String,
    /// How far its version has to go.
    pub step: Step,
    /// The version it has.
    pub current: String,
    /// The version it needs at least.
    pub next: String,
    /// Why, in one sentence.
    pub why: String,
}

/// The version that the crates of the workspace at `root` share; 0.1.0 where none can be read.
pub fn workspace_version(root: &Path) -> String {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let manifest: Option<DocumentMut> = text.parse().ok();
    let version = manifest.as_ref().and_then(|manifest| {
        let package = manifest.get("workspace")?.get("package")?;
        package.get("version")?.as_str()
    });
    version.unwrap_or("0.1.0").to_owned()
}

/// The version after `current`; what is no version stays as it is.
pub fn next(current: &str, step: Step) -> String {
    let numbers: Option<Vec<u64>> = current
        .split(['-', '+'])
        .next()
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse().ok())
        .collect();
    let Some([major, minor, patch]) = numbers.as_deref() else {
        return current.to_owned();
    };
    let (major, minor, patch) = (*major, *minor, *patch);
    match (step, major, minor) {
        (Step::None, _, _) => current.to_owned(),
        (Step::Breaking, 1.., _) => format!("{}.0.0", major.saturating_add(1)),
        (Step::Breaking, 0, 1..) | (Step::Addition, 1.., _) => {
            format!("{major}.{}.0", minor.saturating_add(1))
        }
        _ => format!("{major}.{minor}.{}", patch.saturating_add(1)),
    }
}

/// What each crate needs: the domains' own, and those that follow them.
pub(super) fn advise(
    crates: &[CrateReport],
    gone: &[String],
    serves_other: bool,
    version: &str,
) -> Vec<Advice> {
    let advice = |name: &str, step: Step, why: String| Advice {
        name: name.to_owned(),
        step,
        current: version.to_owned(),
        next: next(version, step),
        why,
    };
    let mut all: Vec<Advice> = crates
        .iter()
        .map(|report| {
            if gone.contains(&report.tag) {
                return advice(
                    &report.name,
                    Step::None,
                    "the crate is gone: yank nothing, and publish no more".to_owned(),
                );
            }
            let mut why = reason(report).to_owned();
            if report.breaks_wire && report.step() < Step::Breaking {
                why.push_str(
                    "; clients of the old version fail or misbehave until they are updated",
                );
            }
            advice(&report.name, report.step(), why)
        })
        .collect();
    let facade = crates
        .iter()
        .map(|report| (report.step(), report))
        .max_by_key(|(step, _)| *step);
    if let Some((step, report)) = facade {
        let why = if !gone.is_empty() {
            format!("the feature and the method of {} are gone", gone.join(", "))
        } else {
            format!("it exports {}: {}", report.name, reason(report))
        };
        all.push(advice("scorekit", step, why));
    }
    if serves_other {
        let broken = crates.iter().any(|report| report.breaks_wire);
        all.push(if broken {
            let why =
                "it serves the new document, and tests of clients of the old one fail against it";
            advice("scorekit-sandbox", Step::Breaking, why.to_owned())
        } else {
            let why = "it serves the new document, which clients of the old one can live with";
            advice("scorekit-sandbox", Step::Fix, why.to_owned())
        });
    }
    all
}

fn reason(report: &CrateReport) -> &'static str {
    match (report.rust, report.step()) {
        (Effect::Breaks, _) => "code written against the old version does not compile",
        (Effect::Silent, _) => {
            "code written against the old version compiles and means something else"
        }
        (_, Step::Addition) => {
            "the interface grew, and code written against the old version compiles"
        }
        _ => "the interface is the same",
    }
}

/// What the workspace needs, whose crates share one version.
pub(super) fn together(versions: &[Advice], version: &str) -> Advice {
    let highest = versions.iter().max_by_key(|advice| advice.step);
    let step = highest.map_or(Step::None, |advice| advice.step);
    let why = match highest {
        Some(advice) if step > Step::None => format!("{} needs it: {}", advice.name, advice.why),
        _ => "no crate differs".to_owned(),
    };
    Advice {
        name: "workspace".to_owned(),
        step,
        current: version.to_owned(),
        next: next(version, step),
        why,
    }
}
