//! The vendor's own OpenAPI document: what differs from ours, and how to take it over
//! (`cargo xtask vendor`). [docs/vendor.md] has the commands.
//!
//! Both documents are read as [facts], so that only what they say counts and not how they say it.
//! For each fact that differs, a plan changes a copy of `spec/` in place. [`diff`] compares our
//! document with that copy, and [`update`] writes the copy. What no plan can express stays a fact
//! that differs, and is listed.
//!
//! [docs/vendor.md]: https://github.com/scorekit/scorekit/blob/main/docs/vendor.md

mod adopt;
mod compare;
mod draft;
mod examples;
mod facts;
#[doc(hidden)]
pub mod needless;
mod new;
mod operations;
mod plan;
mod prose;
mod record;
pub mod report;
mod schemas;
mod select;
pub mod settings;
pub(crate) mod skeleton;
mod text;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use self::adopt::TODO;
use self::compare::Differences;
use self::draft::{Draft, Ours};
pub use self::facts::facts;
use self::plan::Planner;
pub use self::record::{Source, record};
use self::report::{ByHand, Updated, VendorReport};
use self::select::Selection;
use self::settings::Settings;
use crate::diff::Prose;
use crate::diff::compare as compare_documents;
use crate::diff::source::DocumentSource;
use crate::document::diagnostic::Diagnostics;
use crate::progress::Progress;

/// The maximum number of rounds, of which each makes the changes that earlier ones made possible.
const MOST_ROUNDS: usize = 16;

/// Compares the document of the workspace at `root` with the vendor's document in `file`.
///
/// `only` selects facts by their start, such as `Case.status` or `ListCases`. Without entries, all
/// are compared.
///
/// # Errors
/// Returns what keeps a document or `spec/vendor.yaml` from being read.
pub fn diff(
    root: &Path,
    file: &Path,
    only: &[String],
    progress: Progress,
) -> Result<VendorReport, Diagnostics> {
    diff_with_prose(root, file, only, &[], progress)
}

/// Compares as [`diff`] does, and also the texts of the kinds in `prose`.
///
/// # Errors
/// Returns what keeps a document or `spec/vendor.yaml` from being read.
pub fn diff_with_prose(
    root: &Path,
    file: &Path,
    only: &[String],
    prose: &[Prose],
    progress: Progress,
) -> Result<VendorReport, Diagnostics> {
    progress.begin("reading both documents");
    let settings = Settings::read(root)?;
    let taken = TakenOver::of(root, file, &settings, only)?;
    let name = file.display().to_string();
    let changes = match taken.draft.files.is_changed() {
        false => None,
        true => {
            let mut new = DocumentSource::of_workspace(taken.draft.directory.path());
            new.name.clone_from(&name);
            let old = DocumentSource::of_workspace(root);
            Some(compare_documents(&old, &new, root, progress)?)
        }
    };
    let first = taken.first;
    let differences = first.facts.iter();
    let differences = differences.filter(|fact| compare::is_selected(fact, only));
    let prose = match prose {
        [] => Vec::new(),
        kinds => {
            let ours = Draft::of(root)?.read()?.value;
            let lines = prose::compare(&ours, &taken.selection.document, kinds);
            let lines = lines.into_iter();
            lines
                .filter(|line| compare::is_selected(line, only))
                .collect()
        }
    };
    Ok(VendorReport {
        prose,
        vendor: name,
        version: taken.selection.version,
        operations: taken.selection.all,
        changes,
        differences: differences.cloned().collect(),
        by_hand: taken.by_hand,
        intended: first.intended,
        stale: first.stale,
    })
}

/// Takes over the changes of the vendor's document in `file`: changes the files in `spec/` of the
/// workspace at `root`. Comments, order and our texts stay; each new text is a [`TODO`].
///
/// `only` selects facts as in [`diff`]. No code is generated.
///
/// # Errors
/// Returns what keeps a document or `spec/vendor.yaml` from being read, or a file from being
/// written.
pub fn update(root: &Path, file: &Path, only: &[String]) -> Result<Updated, Diagnostics> {
    let settings = Settings::read(root)?;
    let taken = TakenOver::of(root, file, &settings, only)?;
    Ok(Updated {
        files: taken.draft.write_to(root)?,
        by_hand: taken.by_hand,
    })
}

/// A copy of our document with the vendor's changes.
struct TakenOver {
    draft: Draft,
    selection: Selection,
    /// What differed before.
    first: Differences,
    /// What still differs.
    by_hand: Vec<ByHand>,
}

impl TakenOver {
    fn of(
        root: &Path,
        file: &Path,
        settings: &Settings,
        only: &[String],
    ) -> Result<Self, Diagnostics> {
        let mut draft = Draft::of(root)?;
        let mut ours = draft.read()?;
        let selection = select::select(file, &ours.value, settings)?;
        let first = compare::compare(&ours.value, &selection, settings);
        let unused_before = plan::unused(&ours);
        let (mut rest, mut reasons) = (first.facts.clone(), BTreeMap::new());
        for _ in 0..MOST_ROUNDS {
            let groups = compare::groups(&rest, only);
            let mut planner = Planner::new(&ours, &selection.document, &mut draft.files);
            planner.plan(&groups);
            reasons.extend(std::mem::take(&mut planner.unchangeable));
            let mut changes = draft.apply()?;
            if changes == 0 {
                examples::plan(&ours, &mut draft.files, &first.facts);
                let unused = plan::unused(&ours);
                let new: BTreeSet<_> = unused.difference(&unused_before).cloned().collect();
                plan::remove(&ours, &mut draft.files, &new);
                changes = draft.apply()?;
            }
            if changes == 0 {
                break;
            }
            ours = draft.read()?;
            rest = compare::differing(&ours.value, &selection, settings);
        }
        let files = ours.loaded.files.iter();
        let used: BTreeSet<_> = files.map(|file| text::path_of(&file.location)).collect();
        draft.files.keep(&used);
        let by_hand = rest
            .iter()
            .filter(|fact| compare::is_selected(fact, only) && is_of_its_own(&ours, fact));
        let by_hand = by_hand.map(|fact| ByHand {
            fact: fact.clone(),
            reason: reason(&reasons, fact),
        });
        Ok(Self {
            by_hand: by_hand.collect(),
            draft,
            selection,
            first,
        })
    }
}

/// Returns false for a fact about an operation or a schema that our document lacks. The fact that
/// names the operation stands for all of them.
fn is_of_its_own(ours: &Ours, fact: &str) -> bool {
    let fact = fact.get(2..).unwrap_or_default();
    let subject = facts::subject(fact);
    let (_, statement) = compare::split(fact);
    let method = statement.split(' ').next().unwrap_or_default();
    facts::METHODS.contains(&method.to_lowercase().as_str())
        || ours.schema(subject).is_some()
        || draft::operations(ours).any(|operation| operation.id() == Some(subject))
}

/// Returns the reason why a fact was not taken over.
fn reason(reasons: &BTreeMap<String, &'static str>, fact: &str) -> Option<String> {
    let fact = fact.get(2..).unwrap_or_default();
    let (place, _) = compare::split(fact);
    let reason = reasons
        .get(place)
        .or_else(|| reasons.get(facts::subject(fact)));
    reason.map(|reason| (*reason).to_owned())
}
