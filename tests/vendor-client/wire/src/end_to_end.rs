//! What the calls of the workspace tests are made of.

#[rustfmt::skip]
#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../../../tests/end_to_end/calls.rs"]
pub(crate) mod calls;
