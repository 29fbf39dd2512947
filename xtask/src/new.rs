//! `cargo xtask new`: its arguments and output.

use std::path::Path;

use clap::Subcommand;
use scorekit_codegen::Diagnostics;
use scorekit_codegen::new::{self, NewOperation};

use crate::output::{SUCCESS, print, unusable};

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Add an operation to a domain
    Operation {
        /// Its id, such as GetRuleOwner
        id: String,
        /// Its domain
        #[arg(long)]
        tag: String,
        /// Its path, such as /api/v2/rules/{rule_id}/owner
        #[arg(long)]
        path: String,
        /// Its method [default: by the first word of the id]
        #[arg(long)]
        method: Option<String>,
    },
    /// Add a domain with its first operation
    Domain {
        /// Its tag, such as reports
        tag: String,
        /// The id of its first operation [default: List and the tag]
        #[arg(long, value_name = "ID")]
        operation: Option<String>,
        /// The path of the operation [default: /api/v2/ and the tag]
        #[arg(long)]
        path: Option<String>,
        /// The method of the operation [default: by the first word of its id]
        #[arg(long)]
        method: Option<String>,
    },
}

/// Runs the task in the workspace at `root`.
pub(crate) fn run(root: &Path, task: Task) -> u8 {
    match try_run(root, task) {
        Ok(summary) => {
            print(&summary);
            SUCCESS
        }
        Err(diagnostics) => unusable(&diagnostics),
    }
}

fn try_run(root: &Path, task: Task) -> Result<String, Diagnostics> {
    let created = match task {
        Task::Operation {
            id,
            tag,
            path,
            method,
        } => {
            let operation = NewOperation::new(&id, method.as_deref(), &path, &tag)?;
            new::operation(root, &operation)?
        }
        Task::Domain {
            tag,
            operation,
            path,
            method,
        } => {
            let [operation, path, method] = [&operation, &path, &method].map(|it| it.as_deref());
            new::domain(root, &NewOperation::first(&tag, operation, method, path)?)?
        }
    };
    Ok(created.summary())
}
