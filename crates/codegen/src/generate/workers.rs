//! Generates each domain on a thread of its own, because domains do not depend on one another.
//!
//! progenitor panics if its assumptions do not hold. A document must never cause a panic, so a
//! panic of a worker becomes a diagnostic.

use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::cache::Cache;
use super::model::Domain;
use super::parallel::parallel;
use super::refine::GeneratedCrate;
use super::shared::{Shared, Task};
use super::{LeftOut, Options, engine, lowered_alone, refine};
use crate::document::diagnostic::Diagnostic;

/// The result for a domain.
pub(super) struct Outcome {
    /// Its lowered form and the source of its crate, or the reason why there is none.
    pub(super) generated: Result<(Domain, GeneratedCrate), Diagnostic>,
    /// The operations that were left out, because progenitor cannot generate them.
    pub(super) left_out: Vec<LeftOut>,
}

/// Generates every domain that the cache does not have. The outcomes are in the order of the
/// domains.
pub(super) fn run(tasks: Vec<Task>, shared: Option<&Shared>, options: &Options) -> Vec<Outcome> {
    let progress = &options.progress;
    let cache = options.cache.as_ref();
    progress.expect(tasks.len());
    // Start with the largest domains. The last ones are then small, and no thread waits long for
    // another.
    let mut tasks: Vec<_> = tasks.into_iter().enumerate().collect();
    tasks.sort_by_key(|(_, Task { domain, .. })| {
        Reverse(domain.schemas.len() + domain.operations.len())
    });
    let mut outcomes = parallel(tasks, |(position, task)| {
        progress.begin(&format!("generating the crate of `{}`", task.domain.tag));
        let outcome = match options.skips_unsupported {
            true => without_failing(task, shared, cache),
            false => Outcome {
                generated: generate(&task.domain, task.lowered, shared, cache),
                left_out: Vec::new(),
            },
        };
        progress.done();
        (position, outcome)
    });
    outcomes.sort_by_key(|(position, _)| *position);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Generates a domain. If that fails, generates each operation alone to find those that fail, and
/// leaves them out.
fn without_failing(task: Task, shared: Option<&Shared>, cache: Option<&Cache>) -> Outcome {
    let mut left_out = Vec::new();
    let Task { domain, lowered } = task;
    let generated = generate(&domain, lowered, shared, cache);
    let some = |operations| {
        let domain = domain.with_operations(operations);
        generate(&domain, None, shared, None)
    };
    let Err(first) = generated else {
        return Outcome {
            generated,
            left_out,
        };
    };
    let mut kept = Vec::new();
    for operation in &domain.operations {
        match some(vec![operation.clone()]) {
            Ok(_) => kept.push(operation.clone()),
            Err(reason) => left_out.push(LeftOut {
                operation: format!("{} {}", operation.method, operation.path),
                reasons: vec![reason],
            }),
        }
    }
    // Operations that fail only together are not found.
    let generated = match (kept.is_empty(), left_out.is_empty()) {
        (false, false) => some(kept),
        _ => Err(first),
    };
    Outcome {
        generated,
        left_out,
    }
}

/// Generates a domain. `lowered` is its lowered form, unless that is still to be done.
fn generate(
    domain: &Domain,
    lowered: Option<Domain>,
    shared: Option<&Shared>,
    cache: Option<&Cache>,
) -> Result<(Domain, GeneratedCrate), Diagnostic> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let domain = lowered.unwrap_or_else(|| lowered_alone(domain, shared));
        if let Some(sources) = cache.and_then(|cache| cache.find(&domain)) {
            return Ok((domain, sources));
        }
        let sources = engine::run(&domain).and_then(|tokens| refine::refine(tokens, &domain))?;
        Ok((domain, sources))
    }));
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = format!(
            "the domain `{}` cannot be generated: {}",
            domain.tag,
            text.unwrap_or("a worker stopped")
        );
        let help = "the document is valid, but holds a construct that progenitor does not take; \
                    leave operations out to find it";
        Err(match domain.operations.first() {
            Some(operation) => Diagnostic::new(&operation.location, message, help),
            None => Diagnostic::without_location(message, help),
        })
    })
}
