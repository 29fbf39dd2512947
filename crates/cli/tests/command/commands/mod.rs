//! The modules of commands with unit tests, and what these modules need.

#[path = "../../../src/commands/about.rs"]
mod about;
#[path = "../../../src/commands/dates.rs"]
mod dates;
#[path = "../../../src/commands/report/figures.rs"]
mod figures;
mod scorecards;
