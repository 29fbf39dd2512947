//! The table of the kinds. Reading, checking, comparing, writing and the JSON Schema follow from
//! it.

use super::kinds::Shape::{
    Boolean, Integer, Object, Objects, OneOf, Options, Reference, References, State, Text, Time,
};
use super::kinds::{Definition, Identity, Kind, Operations, Property};

const fn by(name: &'static str, can_change: bool, help: &'static str) -> Identity {
    Identity {
        name,
        wire: Some(name),
        can_change,
        help,
    }
}

const STATUSES: &[&str] = &["not_started", "in_progress", "completed"];

/// The table.
pub(super) const DEFINITIONS: &[Definition] = &[
    Definition {
        kind: Kind::Scorecard,
        noun: "scorecard",
        list: "scorecards",
        about: "A group of rules. It exists through its rules alone.",
        parent: None,
        identity: by("name", true, "Name of the scorecard."),
        properties: &[],
        operations: Operations {
            list: "",
            create: "",
            update: "",
            id: "",
            parent: None,
            resource: "",
        },
        is_replaced: false,
    },
    Definition {
        kind: Kind::Rule,
        noun: "rule",
        list: "rules",
        about: "A rule of a scorecard.",
        parent: Some(Kind::Scorecard),
        identity: by("name", true, "Name of the rule."),
        properties: &[
            Property::new(
                "description",
                Text,
                "Description for the owners of entities.",
            )
            .nullable(),
            Property::new("level", Integer(1, 3), "Maturity level, from 1 to 3.").nullable(),
            Property::new("owner", Text, "Owner, for instance a team.").nullable(),
            Property::new(
                "scope_query",
                Text,
                "Catalog query that selects the entities.",
            )
            .nullable(),
            Property::new("enabled", Boolean, "True if outcomes of the rule count."),
        ],
        operations: Operations {
            list: "ListScorecardRules",
            create: "CreateScorecardRule",
            update: "UpdateScorecardRule",
            id: "rule_id",
            parent: None,
            resource: "rule",
        },
        is_replaced: true,
    },
    Definition {
        kind: Kind::Campaign,
        noun: "campaign",
        list: "campaigns",
        about: "A campaign: a set of rules that entities should pass until a date.",
        parent: None,
        identity: by(
            "key",
            true,
            "Key of the campaign, which is part of its URL.",
        ),
        properties: &[
            Property::new("name", Text, "Title of the campaign.").required(),
            Property::new("owner", Text, "UUID of the user who is responsible.")
                .wire("owner_id")
                .read("owner")
                .required(),
            Property::new("status", OneOf(STATUSES), "Status of the campaign."),
            Property::new("start_date", Time, "Time at which it begins.").required(),
            Property::new("due_date", Time, "Time by which the rules should pass.").nullable(),
            Property::new("description", Text, "Purpose of the campaign.").nullable(),
            Property::new("guidance", Text, "Instructions for the owners of entities.").nullable(),
            Property::new("entity_scope", Text, "Catalog query that selects entities.").nullable(),
            Property::new(
                "rules",
                References(Kind::Rule),
                "Rules by name, as `Scorecard/Name`, or by id. The server does not report them.",
            )
            .wire("rule_ids")
            .unreported()
            .required(),
        ],
        operations: Operations {
            list: "ListScorecardCampaigns",
            create: "CreateScorecardCampaign",
            update: "UpdateScorecardCampaign",
            id: "campaign_id",
            parent: None,
            resource: "campaign",
        },
        is_replaced: true,
    },
    Definition {
        kind: Kind::CaseType,
        noun: "case type",
        list: "case_types",
        about: "A type of cases, with its custom attributes.",
        parent: None,
        identity: by("name", true, "Name of the case type."),
        properties: &[
            Property::new("emoji", Text, "Emoji, as a Unicode character."),
            Property::new("description", Text, "Description of the type and its use."),
        ],
        operations: Operations {
            list: "GetAllCaseTypes",
            create: "CreateCaseType",
            update: "UpdateCaseType",
            id: "case_type_id",
            parent: None,
            resource: "case_type",
        },
        is_replaced: true,
    },
    Definition {
        kind: Kind::CustomAttribute,
        noun: "custom attribute",
        list: "custom_attributes",
        about: "A field of the cases of a type.",
        parent: Some(Kind::CaseType),
        identity: by("key", false, "Key of the attribute. It cannot be changed."),
        properties: &[
            Property::new("display_name", Text, "Label, as shown to users.").required(),
            Property::new(
                "type",
                OneOf(&["TEXT", "NUMBER", "URL", "SELECT"]),
                "Kind of value.",
            )
            .required(),
            Property::new(
                "is_multi",
                Boolean,
                "True if a case stores a list of values. It cannot be changed.",
            )
            .required()
            .fixed(),
            Property::new("description", Text, "Description of the attribute."),
            Property::new(
                "options",
                Options,
                "Options of a SELECT attribute. The server does not report them.",
            )
            .wire("type_data")
            .only_updated()
            .unreported(),
            Property::new(
                "map_from",
                Text,
                "Field of another system that fills the attribute. The server does not report it.",
            )
            .only_updated()
            .unreported(),
        ],
        operations: Operations {
            list: "GetAllCustomAttributes",
            create: "CreateCustomAttributeConfig",
            update: "UpdateCustomAttributeConfig",
            id: "custom_attribute_id",
            parent: Some("case_type_id"),
            resource: "custom_attribute",
        },
        is_replaced: false,
    },
    Definition {
        kind: Kind::Project,
        noun: "case project",
        list: "case_projects",
        about: "A project of cases, with its rules and views.",
        parent: None,
        identity: by(
            "key",
            false,
            "Key of the project, such as SEC. It cannot be changed.",
        ),
        properties: &[
            Property::new("name", Text, "Title of the project.").required(),
            Property::new(
                "team",
                Text,
                "UUID of the team. The server does not report it.",
            )
            .wire("team_uuid")
            .unreported(),
            Property::new(
                "case_types",
                References(Kind::CaseType),
                "Case types that cases of the project may use, by name or id.",
            )
            .wire("enabled_custom_case_types"),
            Property::new(
                "board",
                Object(&[]),
                "Layout of the board, as `columns_config` of the API.",
            )
            .wire("columns_config")
            .only_updated(),
            Property::new(
                "settings",
                Object(&[("/integration_monitor/case_type_id", Kind::CaseType)]),
                "Automation, integrations and notifications, as `settings` of the API.",
            )
            .only_updated(),
        ],
        operations: Operations {
            list: "GetProjects",
            create: "CreateProject",
            update: "UpdateProject",
            id: "project_id",
            parent: None,
            resource: "project",
        },
        is_replaced: false,
    },
    Definition {
        kind: Kind::NotificationRule,
        noun: "notification rule",
        list: "notification_rules",
        about: "A rule that notifies recipients of events.",
        parent: Some(Kind::Project),
        identity: Identity {
            name: "name",
            wire: None,
            can_change: true,
            help: "Name for views to refer to. It exists in files only.",
        },
        properties: &[
            Property::new("enabled", Boolean, "True if the rule sends messages.")
                .wire("is_enabled"),
            Property::new("query", Text, "Search query that selects cases."),
            Property::new("triggers", Objects, "Events, as `triggers` of the API.").required(),
            Property::new("recipients", Objects, "Recipients, as in the API.").required(),
        ],
        operations: Operations {
            list: "GetProjectNotificationRules",
            create: "CreateProjectNotificationRule",
            update: "UpdateProjectNotificationRule",
            id: "notification_rule_id",
            parent: Some("project_id"),
            resource: "notification_rule",
        },
        is_replaced: true,
    },
    Definition {
        kind: Kind::AutomationRule,
        noun: "automation rule",
        list: "automation_rules",
        about: "A rule that runs an action for events.",
        parent: Some(Kind::Project),
        identity: by("name", true, "Name of the rule."),
        properties: &[
            Property::new("enabled", State, "True if the rule acts.").wire("state"),
            Property::new("trigger", Object(&[]), "Event, as `trigger` of the API.").required(),
            Property::new("action", Object(&[]), "Action, as `action` of the API.").required(),
        ],
        operations: Operations {
            list: "ListCaseAutomationRules",
            create: "CreateCaseAutomationRule",
            update: "UpdateCaseAutomationRule",
            id: "rule_id",
            parent: Some("project_id"),
            resource: "rule",
        },
        is_replaced: true,
    },
    Definition {
        kind: Kind::View,
        noun: "view",
        list: "views",
        about: "A saved search.",
        parent: Some(Kind::Project),
        identity: by("name", true, "Name of the view."),
        properties: &[
            Property::new("query", Text, "Search query that selects cases.").required(),
            Property::new(
                "notification_rule",
                Reference(Kind::NotificationRule),
                "Notification rule of the project, by its name in the file or by id.",
            )
            .wire("np_rule_id"),
        ],
        operations: Operations {
            list: "ListCaseViews",
            create: "CreateCaseView",
            update: "UpdateCaseView",
            id: "view_id",
            parent: None,
            resource: "view",
        },
        is_replaced: false,
    },
    Definition {
        kind: Kind::MaintenanceWindow,
        noun: "maintenance window",
        list: "maintenance_windows",
        about: "A time in which cases of Event Management cause no notifications.",
        parent: None,
        identity: by("name", true, "Name of the window."),
        properties: &[
            Property::new("query", Text, "Search query that selects the cases.").required(),
            Property::new("start_at", Time, "Start of the window.").required(),
            Property::new("end_at", Time, "End of the window.").required(),
        ],
        operations: Operations {
            list: "ListMaintenanceWindows",
            create: "CreateMaintenanceWindow",
            update: "UpdateMaintenanceWindow",
            id: "maintenance_window_id",
            parent: None,
            resource: "maintenance_window",
        },
        is_replaced: false,
    },
];
