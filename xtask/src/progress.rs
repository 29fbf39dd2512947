//! What a command says while it works: a bar on a terminal, and elsewhere a line for each step. It begins after a second,
//! for what is done by then needs no words, and goes to standard error.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a command may be silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// The progress of one command; a clone is the same progress. The default says nothing. Once the last clone is dropped,
/// nothing is left of it on a terminal.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Shown>>);

impl Progress {
    /// Progress that is shown.
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        // Without a thread to wait for the second there is nothing to be seen, and that is all.
        let watcher = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || watched.show_after(PATIENCE))
            .ok();
        Self(Some(Arc::new(Shown {
            shared,
            watcher: Mutex::new(watcher),
        })))
    }

    /// There are `count` further steps to do.
    pub(crate) fn expect(&self, count: usize) {
        self.change(|state| {
            state.steps = state
                .steps
                .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        });
    }

    /// A step begins, which `message` says in a few words.
    pub(crate) fn begin(&self, message: &str) {
        self.change(|state| {
            state.message = message.to_owned();
            state.say();
        });
    }

    /// A step is done.
    pub(crate) fn done(&self) {
        self.change(|state| state.done = state.done.saturating_add(1));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        if let Some(shown) = &self.0 {
            let mut state = shown.shared.lock();
            change(&mut state);
            state.draw();
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.0.is_some() { "shown" } else { "silent" };
        write!(f, "Progress({word})")
    }
}

/// What ends with the last clone.
struct Shown {
    shared: Arc<Shared>,
    watcher: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.over.notify_all();
        let watcher = self.watcher.lock();
        let watcher = watcher.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watcher) = watcher {
            // It prints and waits, and has nothing to give back.
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

    /// Waits until the command is over or has been silent for long enough.
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
            let bar = ProgressBar::new(state.steps);
            if let Ok(style) = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            state.bar = Some(bar);
        }
        state.say();
        state.draw();
    }
}

#[derive(Default)]
struct State {
    message: String,
    done: u64,
    steps: u64,
    /// Since when the command works, once that is to be seen.
    since: Option<Instant>,
    bar: Option<ProgressBar>,
    is_over: bool,
}

impl State {
    /// The step as a line, where there is no bar.
    fn say(&self) {
        if let (Some(since), None) = (self.since, &self.bar)
            && !self.message.is_empty()
        {
            let (seconds, done, message) =
                (since.elapsed().as_secs_f64(), self.done, &self.message);
            // How many steps there are may not be known yet.
            match self.steps {
                0 => eprintln!("[{seconds:.1} s] {message}"),
                steps => eprintln!("[{seconds:.1} s, {done}/{steps}] {message}"),
            }
        }
    }

    fn draw(&self) {
        if let Some(bar) = &self.bar {
            bar.set_length(self.steps);
            bar.set_position(self.done);
            bar.set_message(self.message.clone());
        }
    }
}
