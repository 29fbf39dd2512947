//! The progress of a command on standard error: a bar on a terminal, elsewhere a line for each
//! step. Commands that take less than a second show none.

use std::io::IsTerminal as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Observer, Progress, Steps};
use indicatif::{ProgressBar, ProgressStyle};

/// The time after which progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Creates a progress on standard error, which ends when its last clone is dropped. It is a bar on
/// a terminal, and at most ten lines elsewhere. A command that takes less than a second shows none.
///
/// ```no_run
/// use scorekit_codegen::Generator;
/// use scorekit_codegen::progress::shown;
///
/// let generation = Generator::new("openapi.yaml").progress(shown()).generate();
/// ```
pub fn shown() -> Progress {
    let shared = Arc::new(Shared::default());
    let watched = Arc::clone(&shared);
    // Without a thread that waits for the first second, nothing is shown.
    let watcher = std::thread::Builder::new()
        .name("progress".to_owned())
        .spawn(move || watched.show_after(PATIENCE))
        .ok();
    Progress::new(Arc::new(Shown {
        shared,
        watcher: Mutex::new(watcher),
    }))
}

impl Observer for Shown {
    fn expect(&self, count: usize) {
        self.change(|state| state.steps.expect(count));
    }

    fn begin(&self, message: &str) {
        self.change(|state| {
            if state.steps.begin(message) {
                state.print_line();
            }
        });
    }

    fn done(&self) {
        self.change(|state| state.steps.done = state.steps.done.saturating_add(1));
    }
}

/// The progress of one command, until it is dropped.
struct Shown {
    shared: Arc<Shared>,
    watcher: Mutex<Option<JoinHandle<()>>>,
}

impl Shown {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.shared.lock();
        change(&mut state);
        state.draw();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.over.notify_all();
        let watcher = self.watcher.lock();
        let watcher = watcher.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watcher) = watcher {
            // The thread returns nothing.
            let _ = watcher.join();
        }
        if let Some(bar) = self.shared.lock().bar.take() {
            bar.finish_and_clear();
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    over: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows progress unless the command is over within `patience`.
    fn show_after(&self, patience: Duration) {
        let start = Instant::now();
        let waited = self
            .over
            .wait_timeout_while(self.lock(), patience, |state| !state.is_over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            return;
        }
        state.since = Some(start);
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(state.steps.total);
            if let Ok(style) = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            state.bar = Some(bar);
        }
        state.print_line();
        state.draw();
    }
}

#[derive(Default)]
struct State {
    steps: Steps,
    /// The start of the command, set once progress is shown.
    since: Option<Instant>,
    bar: Option<ProgressBar>,
    is_over: bool,
}

impl State {
    /// Prints the step as a line if there is no bar.
    fn print_line(&self) {
        if let (Some(since), None) = (self.since, &self.bar)
            && let Some(line) = self.steps.line(since.elapsed().as_secs_f64())
        {
            eprintln!("{line}");
        }
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            bar.set_length(self.steps.total);
            bar.set_position(self.steps.done);
            bar.set_message(self.steps.message.clone());
        }
    }
}
