//! Tests of the sandbox over HTTP. They need nothing outside this package, except that the ignored
//! one needs Chromium.

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
mod control;
mod cross_origin;
#[cfg(feature = "database")]
mod data;
mod errors;
mod every_property;
mod faults;
mod fixture;
mod hostile_clients;
mod http;
mod kpi;
mod lifetime;
mod lists;
mod operations;
#[cfg(feature = "page")]
mod page;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(feature = "command")]
mod proxy_networks;
mod rate_limits;
mod real_data;
mod resources;
mod scenarios;
mod scores;
mod seeds;
mod vendor;
mod writes;
