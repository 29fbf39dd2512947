//! The modules of `scorekit scorecards` that compute a plan.

#[path = "../../../src/commands/scorecards/files.rs"]
mod files;
#[path = "../../../src/commands/scorecards/kinds.rs"]
mod kinds;
#[path = "../../../src/commands/scorecards/matching.rs"]
mod matching;
#[path = "../../../src/commands/scorecards/plan.rs"]
mod plan;
mod plans;
#[path = "../../../src/commands/scorecards/references.rs"]
mod references;
#[path = "../../../src/commands/scorecards/saved.rs"]
mod saved;
#[path = "../../../src/commands/scorecards/server.rs"]
mod server;
#[path = "../../../src/commands/scorecards/shapes.rs"]
mod shapes;
#[path = "../../../src/commands/scorecards/table.rs"]
mod table;
#[path = "../../../src/commands/scorecards/values.rs"]
mod values;
