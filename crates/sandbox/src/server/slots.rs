//! The number of open connections, and the selection of one to close when there are too many.
//!
//! Idle connections cost a descriptor each. A client that opens thousands of them must not keep
//! others out. So the one that has been idle for the longest time makes room for a new one.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::sync::lock;

/// The descriptors that are left for files after the system rejected a connection.
const RESERVE: usize = 8;

/// The open connections.
pub(super) struct Slots {
    /// The largest number of connections.
    max: Mutex<usize>,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    /// The number of events so far. It orders them.
    events: u64,
    slots: Vec<Arc<Slot>>,
}

/// A connection.
struct Slot {
    activity: Mutex<Activity>,
    close: Notify,
}

/// The last event of a connection.
#[derive(Clone, Copy)]
struct Activity {
    /// True while a request is handled.
    is_busy: bool,
    event: u64,
}

/// The place of one connection, which is free again when this is dropped.
pub(super) struct Place {
    slot: Arc<Slot>,
    open: Arc<Mutex<Open>>,
}

impl Slots {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max: Mutex::new(max.max(1)),
            open: Arc::default(),
        }
    }

    /// Takes a place for a new connection; `None` if all are taken.
    pub(super) fn take(&self) -> Option<Place> {
        let mut open = lock(&self.open);
        if open.slots.len() >= *lock(&self.max) {
            return None;
        }
        open.events += 1;
        let slot = Arc::new(Slot {
            activity: Mutex::new(Activity {
                is_busy: false,
                event: open.events,
            }),
            close: Notify::new(),
        });
        open.slots.push(Arc::clone(&slot));
        Some(Place {
            slot,
            open: Arc::clone(&self.open),
        })
    }

    /// Closes the connection that has been idle for the longest time, if one is idle.
    pub(super) fn close_idle(&self) {
        let open = lock(&self.open);
        let idle = open.slots.iter().filter_map(|slot| {
            let activity = *lock(&slot.activity);
            (!activity.is_busy).then_some((activity.event, slot))
        });
        if let Some((_, slot)) = idle.min_by_key(|(event, _)| *event) {
            slot.close.notify_one();
        }
    }

    /// Lowers the largest number of connections, because the system has no descriptor left.
    pub(super) fn lower(&self) {
        let open = lock(&self.open).slots.len();
        let mut max = lock(&self.max);
        *max = open.saturating_sub(RESERVE).clamp(1, *max);
    }
}

impl Place {
    /// Notes that a request begins or ends.
    pub(super) fn set_busy(&self, is_busy: bool) {
        let mut open = lock(&self.open);
        open.events += 1;
        *lock(&self.slot.activity) = Activity {
            is_busy,
            event: open.events,
        };
    }

    /// Waits until the connection must close to make room.
    pub(super) async fn must_close(&self) {
        self.slot.close.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.slots.retain(|slot| !Arc::ptr_eq(slot, &self.slot));
    }
}
