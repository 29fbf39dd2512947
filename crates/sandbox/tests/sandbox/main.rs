//! The sandbox over real HTTP.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    reason = "the setting that allows it in tests does not reach their helpers"
)]

#[cfg(feature = "page")]
mod browser;
mod cases;
#[cfg(feature = "command")]
mod command;
#[cfg(feature = "database")]
mod data;
mod faults;
mod fixture;
mod http;
mod kpi;
mod lifetime;
mod lists;
mod operations;
#[cfg(feature = "page")]
mod page;
mod rate_limits;
mod refusals;
mod resources;
mod scores;
mod seeds;
