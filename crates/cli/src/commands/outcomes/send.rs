//! Sends the outcomes that were checked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use scorekit::scorecards::types::{State, UpdateOutcomesAsyncRequestItem};
use scorekit::{Client, Delivery, ItemResult, Progress, StatusCode};
use serde_json::{Value, json};

use super::Options;
use super::check::Checked;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::json_line;

/// The number of requests at once.
const CONCURRENCY: usize = 4;

/// The number of failed lines that are printed.
const SHOWN: u64 = 20;

/// The outcomes that were read and have no result yet: the number of the line, the entity and the
/// rule, by index.
type Pending = Arc<Mutex<HashMap<u64, (u64, String, String)>>>;

/// The outcomes of a temporary file.
struct Spool {
    reader: csv::Reader<File>,
    record: csv::StringRecord,
    next: u64,
    pending: Pending,
    problem: Arc<Mutex<Option<String>>>,
}

impl Spool {
    fn new(file: File, pending: &Pending, problem: &Arc<Mutex<Option<String>>>) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(file);
        Self {
            reader,
            record: csv::StringRecord::new(),
            next: 0,
            pending: Arc::clone(pending),
            problem: Arc::clone(problem),
        }
    }

    /// Reads an outcome; `None` at the end.
    fn read(&mut self) -> Result<Option<UpdateOutcomesAsyncRequestItem>, String> {
        let read = self.reader.read_record(&mut self.record);
        if !read.map_err(|error| error.to_string())? {
            return Ok(None);
        }
        let mut fields = self.record.iter();
        let mut field = || fields.next().ok_or("a field is missing");
        let (line, entity, rule) = (field()?, field()?, field()?);
        let (state, remarks) = (State::from(field()?), field()?);
        let line = line.parse().map_err(|_| "a number is wrong")?;
        let about = (line, entity.to_owned(), rule.to_owned());
        lock(&self.pending).insert(self.next, about);
        self.next += 1;
        let item = UpdateOutcomesAsyncRequestItem::new(entity.into(), rule.into(), state);
        Ok(Some(match remarks {
            "" => item,
            remarks => item.remarks(remarks),
        }))
    }
}

impl Iterator for Spool {
    type Item = UpdateOutcomesAsyncRequestItem;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().unwrap_or_else(|problem| {
            *lock(&self.problem) = Some(problem);
            None
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends every outcome, and prints a summary.
pub(super) async fn send(
    context: &Context,
    client: &Client,
    options: &Options,
    checked: Checked,
) -> Result<Exit, Failure> {
    let (count, unit) = (checked.count, checked.unit);
    let printer = context.printer()?;
    let mut results = Results::new(unit, options.report.as_deref())?;
    let problem = Arc::default();
    let spool = Spool::new(checked.spool, &results.pending, &problem);
    let bar = bar(context, count);
    let shown = bar.clone();
    let mut push = client
        .scorecards()
        .outcomes()
        .push_all(spool)
        .concurrency(CONCURRENCY)
        .on_progress(move |progress| show(&shown, progress));
    if let Some(journal) = &options.journal {
        push = push.journal(journal.as_path())?;
    }
    let mut is_interrupted = false;
    loop {
        let result = tokio::select! {
            result = push.next() => result,
            () = interrupt::interrupted() => {
                is_interrupted = true;
                None
            }
        };
        match result {
            Some(result) => results.add(context, &bar, result)?,
            None => break,
        }
    }
    let progress = push.progress();
    drop(push);
    bar.finish_and_clear();
    results.finish()?;
    if let Some(problem) = lock(&problem).take() {
        return Err(Failure::failed(format!(
            "cannot read the temporary file: {problem}"
        )));
    }
    if is_interrupted {
        return Err(interrupted(options, &progress, count));
    }
    let summary = json!({
        "lines": count,
        "sent": progress.sent,
        "already_sent": progress.already_sent,
        "failed": progress.failed,
        "requests": progress.requests,
    });
    let shown = printer.document(&summary, |summary| vec![summary.clone()]);
    shown.map_err(|failure| {
        let sent = progress.sent + progress.already_sent;
        failure.not_shown(&format!("{sent} of {count} outcomes were sent"))
    })?;
    let exit = options.fail_on.exit(progress.failed, count);
    Ok(match results.is_rejected && progress.failed == count {
        true => Exit::Credentials,
        false => exit,
    })
}

fn interrupted(options: &Options, progress: &Progress, count: u64) -> Failure {
    let message = format!(
        "interrupted: {} of {count} outcomes were sent, and the requests on the way may be, too",
        progress.sent + progress.already_sent
    );
    let failure = Failure::interrupted(message);
    match options.journal {
        Some(_) => failure.with_help("run the same command again to send the rest"),
        None => failure.with_help("use --resume to be able to continue"),
    }
}

/// Creates the progress bar. It is hidden unless standard error is a terminal, and where the lines
/// of `--verbose` would break it.
fn bar(context: &Context, count: u64) -> ProgressBar {
    if context.quiet || context.log.is_on() || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{wide_bar} {pos}/{len} {rate} {msg} {eta} left";
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0}/s", state.per_sec());
    };
    ProgressBar::new(count).with_style(style.with_key("rate", rate))
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_position(progress.sent + progress.already_sent + progress.failed);
    let wait = progress
        .waits_until
        .map(|until| until.saturating_duration_since(Instant::now()));
    match wait {
        Some(wait) => bar.set_message(format!("waits {} s for the rate limit,", wait.as_secs())),
        None => bar.set_message(""),
    }
}

/// Takes the results: to the report, and failures to standard error.
struct Results {
    unit: &'static str,
    pending: Pending,
    report: Option<BufWriter<File>>,
    failed: u64,
    /// True if the server rejected the credentials.
    is_rejected: bool,
}

impl Results {
    fn new(unit: &'static str, report: Option<&Path>) -> Result<Self, Failure> {
        let report = report.map(|path| {
            File::create(path).map(BufWriter::new).map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", path.display()))
            })
        });
        Ok(Self {
            unit,
            pending: Pending::default(),
            report: report.transpose()?,
            failed: 0,
            is_rejected: false,
        })
    }

    fn add(
        &mut self,
        context: &Context,
        bar: &ProgressBar,
        item: ItemResult,
    ) -> Result<(), Failure> {
        let about = lock(&self.pending).remove(&item.index);
        let (line, entity, rule) = about.unwrap_or_default();
        let error = item.result.as_ref().err().map(|error| error.error());
        if let Some(error) = error {
            self.failed += 1;
            let rejected = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
            self.is_rejected |= error.status().is_some_and(|it| rejected.contains(&it));
            if self.failed <= SHOWN {
                let text = format!("{} {line}: {entity}, rule {rule}: {error}", self.unit);
                bar.suspend(|| context.warn(&text));
            }
        }
        let Some(report) = &mut self.report else {
            return Ok(());
        };
        let result = match &item.result {
            Ok(Delivery::Sent) => "sent",
            Ok(_) => "already_sent",
            Err(_) => "failed",
        };
        let error = error.and_then(|error| serde_json::to_value(error).ok());
        let mut value = json!({
            "number": line, "entity": entity, "rule_id": rule, "result": result,
        });
        if let (Some(error), Value::Object(value)) = (error, &mut value) {
            value.insert("error".to_owned(), error);
        }
        writeln!(report, "{}", json_line(&value)).map_err(|error| not_reported(&error))
    }

    /// Ends the report.
    fn finish(&mut self) -> Result<(), Failure> {
        if self.failed > SHOWN {
            let _ = writeln!(io::stderr(), "and {} more failed", self.failed - SHOWN);
        }
        match &mut self.report {
            Some(report) => report.flush().map_err(|error| not_reported(&error)),
            None => Ok(()),
        }
    }
}

fn not_reported(error: &io::Error) -> Failure {
    Failure::failed(format!("cannot write the report: {error}"))
}
