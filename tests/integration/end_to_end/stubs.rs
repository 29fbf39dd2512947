//! The operations that `cargo xtask new` added and that no test of their own calls yet.

/// Their ids. The tests send the generated call of each, whose response is the example of the
/// document.
pub(super) const STUBS: &[&str] = &[];
