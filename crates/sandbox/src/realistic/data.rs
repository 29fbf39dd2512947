//! The teams, services, rules and cases of the built-in seed.

use Step::{Assign, Say, Status};

/// The teams, each with the services that it owns.
pub(super) const TEAMS: [(&str, [&str; 5]); 6] = [
    (
        "checkout",
        ["cart", "checkout", "payments", "pricing", "refunds"],
    ),
    (
        "catalog",
        ["catalog", "inventory", "media", "recommendations", "search"],
    ),
    (
        "identity",
        ["accounts", "audit", "consent", "login", "sessions"],
    ),
    (
        "logistics",
        ["carriers", "orders", "returns", "shipping", "warehouse"],
    ),
    (
        "platform",
        [
            "api-gateway",
            "build-runner",
            "config",
            "feature-flags",
            "scheduler",
        ],
    ),
    (
        "data",
        ["events", "exports", "metrics", "reports", "warehouse-sync"],
    ),
];

/// The rules: scorecard, id, name, owner, level, the share of services that pass in percent, and
/// the remark on a failure.
pub(super) const RULES: [(&str, &str, &str, &str, u8, u64, &str); 20] = [
    (
        READY,
        "has-on-call",
        "Has an on-call rotation",
        "platform",
        1,
        90,
        "No rotation is set.",
    ),
    (
        READY,
        "has-runbook",
        "Has a runbook",
        "platform",
        1,
        70,
        "The runbook is missing.",
    ),
    (
        READY,
        "has-slo",
        "Has a service level objective",
        "platform",
        2,
        55,
        "No objective.",
    ),
    (
        READY,
        "runbook-is-current",
        "Runbook is younger than a year",
        "platform",
        3,
        40,
        "Last changed 14 months ago.",
    ),
    (
        OBSERVED,
        "has-dashboard",
        "Has a dashboard",
        "platform",
        1,
        85,
        "No dashboard is linked.",
    ),
    (
        OBSERVED,
        "sends-traces",
        "Sends traces",
        "platform",
        2,
        65,
        "No spans in 7 days.",
    ),
    (
        OBSERVED,
        "logs-are-structured",
        "Logs are structured",
        "platform",
        2,
        60,
        "31 % of the lines are plain text.",
    ),
    (
        OBSERVED,
        "alerts-have-owners",
        "Alerts have owners",
        "platform",
        3,
        45,
        "2 monitors notify nobody.",
    ),
    (
        SECURE,
        "no-critical-findings",
        "No critical findings",
        "identity",
        1,
        80,
        "1 critical finding is open for 12 days.",
    ),
    (
        SECURE,
        "secrets-are-rotated",
        "Secrets are rotated",
        "identity",
        2,
        50,
        "The oldest secret is 400 days old.",
    ),
    (
        SECURE,
        "images-are-signed",
        "Images are signed",
        "identity",
        3,
        35,
        "The last release was not signed.",
    ),
    (
        SECURE,
        "dependencies-are-current",
        "Dependencies are current",
        "identity",
        2,
        58,
        "3 dependencies are two major versions behind.",
    ),
    (
        OWNED,
        "has-team",
        "Belongs to a team",
        "platform",
        1,
        97,
        "No team is set.",
    ),
    (
        OWNED,
        "has-contact",
        "Names a contact",
        "platform",
        1,
        88,
        "The contact has left.",
    ),
    (
        OWNED,
        "has-code-owners",
        "Has code owners",
        "platform",
        2,
        75,
        "CODEOWNERS is missing.",
    ),
    (
        OWNED,
        "is-documented",
        "Is documented",
        "platform",
        2,
        62,
        "The page is a stub.",
    ),
    (
        DELIVERED,
        "deploys-weekly",
        "Is deployed every week",
        "platform",
        2,
        68,
        "The last deployment was 23 days ago.",
    ),
    (
        DELIVERED,
        "tests-pass",
        "Tests pass on the main branch",
        "platform",
        1,
        92,
        "The main branch is red.",
    ),
    (
        DELIVERED,
        "has-canary",
        "Is rolled out in steps",
        "platform",
        3,
        30,
        "All at once.",
    ),
    (
        DELIVERED,
        "rolls-back",
        "Can be rolled back",
        "platform",
        3,
        48,
        "The last rollback failed.",
    ),
];

pub(super) const READY: &str = "Production Readiness";
pub(super) const OBSERVED: &str = "Observability";
pub(super) const SECURE: &str = "Security";
pub(super) const OWNED: &str = "Ownership and Documentation";
pub(super) const DELIVERED: &str = "Delivery";

/// The cases: title, priority, the steps after their creation, and the team.
pub(super) const CASES: [(&str, &str, &[Step], &str); 10] = [
    (
        "Payments has no runbook",
        "P2",
        &[Say(0), Status("In Progress"), Say(5)],
        "checkout",
    ),
    (
        "Leaked key in the build log of login",
        "P1",
        &[
            Assign,
            Say(6),
            Status("In Progress"),
            Say(1),
            Say(7),
            Status("Closed"),
        ],
        "identity",
    ),
    ("Search sends no traces", "P3", &[Say(2)], "catalog"),
    (
        "Rotate the secrets of sessions",
        "P2",
        &[Assign, Say(3)],
        "identity",
    ),
    (
        "Main branch of warehouse is red",
        "P2",
        &[Assign, Status("In Progress"), Status("Closed")],
        "logistics",
    ),
    ("Nobody is on call for reports", "P3", &[], "data"),
    ("Images of exports are not signed", "P4", &[Say(4)], "data"),
    ("Canary for api-gateway", "P3", &[Assign], "platform"),
    (
        "Refunds was deployed 23 days ago",
        "P4",
        &[Status("Closed")],
        "checkout",
    ),
    ("Media has two contacts who left", "P5", &[], "catalog"),
];

/// The comments.
pub(super) const COMMENTS: [&str; 8] = [
    "The team writes it this week.",
    "Rotated the key; please **check the sessions**.",
    "The library needs an update first.",
    "Two are done, one waits for the vendor.",
    "The new builder signs them.",
    "A first version is linked; the on-call engineer reviews it.",
    "Found by the scanner in the log of build 4711.",
    "No session was opened with the old key. Closing.",
];

/// A step in the life of a case.
pub(super) enum Step {
    /// A comment, by its index.
    Say(usize),
    /// A status.
    Status(&'static str),
    /// An assignee.
    Assign,
}

/// A user, whom cases are assigned to.
pub(super) const USER: &str = "7d4e2a18-93c6-4b5f-b0a1-c8f6e5d40b44";
