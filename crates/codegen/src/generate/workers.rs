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
use super::{engine, lower, refine};
use crate::document::diagnostic::Diagnostic;
use crate::progress::Progress;

/// The result for a domain: its lowered form and the source of its crate.
pub(super) type Outcome = Result<(Domain, GeneratedCrate), Diagnostic>;

/// Generates every domain that `cache` does not have. The outcomes are in the order of the domains.
pub(super) fn run(
    domains: Vec<Domain>,
    cache: Option<&Cache>,
    progress: &Progress,
) -> Vec<Outcome> {
    progress.expect(domains.len());
    // Start with the largest domains. The last ones are then small, and no thread waits long for
    // another.
    let mut domains: Vec<_> = domains.into_iter().enumerate().collect();
    domains.sort_by_key(|(_, domain)| Reverse(domain.schemas.len() + domain.operations.len()));
    let mut outcomes = parallel(domains, |(position, domain)| {
        progress.begin(&format!("generating the crate of `{}`", domain.tag));
        let outcome = generate(domain, cache);
        progress.done();
        (position, outcome)
    });
    outcomes.sort_by_key(|(position, _)| *position);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn generate(domain: Domain, cache: Option<&Cache>) -> Outcome {
    let (tag, location) = (
        domain.tag.clone(),
        domain
            .operations
            .first()
            .map(|operation| operation.location.clone()),
    );
    let result = catch_unwind(AssertUnwindSafe(|| {
        let domain = lower::lower(domain);
        if let Some(sources) = cache.and_then(|cache| cache.find(&domain)) {
            return Ok((domain, sources));
        }
        let sources = engine::run(&domain).and_then(|file| refine::refine(file, &domain))?;
        Ok((domain, sources))
    }));
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let message = format!("the domain `{tag}` cannot be generated: {}", text.unwrap_or("a worker stopped"));
        let help = "the document is valid, but holds a construct that progenitor does not take; leave operations out to find it";
        Err(match &location {
            Some(location) => Diagnostic::new(location, message, help),
            None => Diagnostic::without_location(message, help),
        })
    })
}
