//! Domains do not depend on one another: each becomes a crate on a thread of its own.
//!
//! progenitor asserts what it takes for granted. A document must never end in a panic, so one that happens on a
//! worker becomes a diagnostic; and schemas nest and are followed by recursion, so workers have room for that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use super::model::Domain;
use super::refine::Sources;
use super::{engine, lower, refine};
use crate::diagnostic::Diagnostic;

/// The name of the workers: the panic of one is reported as a diagnostic and needs no message of its own.
pub const THREAD: &str = "generator";
const STACK_SIZE: usize = 64 << 20;

/// What comes of a domain: its lowered form and the source of its crate.
pub(super) type Outcome = Result<(Domain, Sources), Diagnostic>;

/// Generates every domain; the outcomes are in the order of the domains.
pub(super) fn run(domains: Vec<Domain>, with_calls: bool) -> Vec<Outcome> {
    let workers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(domains.len());
    let count = domains.len();
    let queue = Mutex::new(domains.into_iter().enumerate());
    let outcomes = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<Outcome>>>());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .next()
    };
    let work = || {
        while let Some((position, domain)) = next() {
            let outcome = generate(domain, with_calls);
            let mut outcomes = outcomes
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            outcomes[position] = Some(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            let builder = thread::Builder::new()
                .name(THREAD.to_owned())
                .stack_size(STACK_SIZE);
            if builder.spawn_scoped(scope, work).is_err() {
                // Without a further thread the work is done on this one.
                work();
            }
        }
    });
    let outcomes = outcomes
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    outcomes.into_iter().flatten().collect()
}

fn generate(domain: Domain, with_calls: bool) -> Outcome {
    let (tag, location) = (
        domain.tag.clone(),
        domain
            .operations
            .first()
            .map(|operation| operation.location.clone()),
    );
    let result = catch_unwind(AssertUnwindSafe(|| {
        let domain = lower::lower(domain);
        let sources =
            engine::run(&domain).and_then(|file| refine::refine(file, &domain, with_calls))?;
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
