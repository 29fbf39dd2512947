//! Every operation with the least and with the most that can be set, as the workspace tests call it.

#[rustfmt::skip]
#[allow(unreachable_pub, deprecated, reason = "it is written for the tests")]
#[path = "../../../tests/generated/calls/mod.rs"]
pub(crate) mod calls;
