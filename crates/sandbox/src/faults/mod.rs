//! Faults on demand: failures of a network, a gateway or a server, for tests of clients.

mod active;
mod fault;
mod text;

pub(crate) use active::{ActiveFault, ActiveFaults};
pub(crate) use fault::Effect;
pub use fault::Fault;
