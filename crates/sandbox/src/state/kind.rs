//! The kinds of records, and the style of their identifiers.

/// A kind of records, named like the JSON:API types of the vendors.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    AutomationRule,
    Campaign,
    Case,
    CaseType,
    CustomAttribute,
    Dataset,
    DatasetCampaign,
    Favorite,
    Kpi,
    Link,
    MaintenanceWindow,
    NotificationRule,
    Outcome,
    Project,
    Rule,
    Scorecard,
    TimelineCell,
    View,
    Watcher,
}

/// The style of a kind's identifiers.
#[derive(Clone, Copy)]
pub(super) enum IdStyle {
    /// 16 letters and digits, such as `q8MQxk8TCqrHnWkx`.
    Short,
    /// A UUID of version 4.
    Uuid,
}

impl Kind {
    /// Returns the name of the kind on the wire and in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AutomationRule | Self::Rule => "rule",
            Self::Campaign => "campaign",
            Self::Case => "case",
            Self::CaseType => "case_type",
            Self::CustomAttribute => "custom_attribute",
            Self::Dataset => "dataset",
            Self::DatasetCampaign => "dataset campaign",
            Self::Favorite => "project_favorite",
            Self::Kpi => "kpi",
            Self::Link => "link",
            Self::MaintenanceWindow => "maintenance_window",
            Self::NotificationRule => "notification_rule",
            Self::Outcome => "outcome",
            Self::Project => "project",
            Self::Scorecard => "scorecard",
            Self::TimelineCell => "timeline_cell",
            Self::View => "view",
            Self::Watcher => "watcher",
        }
    }

    pub(super) fn id_style(self) -> IdStyle {
        match self {
            Self::Campaign | Self::Outcome | Self::Rule | Self::Scorecard => IdStyle::Short,
            _ => IdStyle::Uuid,
        }
    }
}

impl Kind {
    /// Every kind with its name in the file and in the control API. The names are unique, unlike
    /// those on the wire.
    pub(crate) const STORED: [(Self, &str); 19] = [
        (Self::AutomationRule, "automation_rule"),
        (Self::Campaign, "campaign"),
        (Self::Case, "case"),
        (Self::CaseType, "case_type"),
        (Self::CustomAttribute, "custom_attribute"),
        (Self::Dataset, "dataset"),
        (Self::DatasetCampaign, "dataset_campaign"),
        (Self::Favorite, "favorite"),
        (Self::Kpi, "kpi"),
        (Self::Link, "link"),
        (Self::MaintenanceWindow, "maintenance_window"),
        (Self::NotificationRule, "notification_rule"),
        (Self::Outcome, "outcome"),
        (Self::Project, "project"),
        (Self::Rule, "rule"),
        (Self::Scorecard, "scorecard"),
        (Self::TimelineCell, "timeline_cell"),
        (Self::View, "view"),
        (Self::Watcher, "watcher"),
    ];

    /// Returns the name of the kind in the file.
    pub(crate) fn stored_name(self) -> &'static str {
        let found = Self::STORED.iter().find(|(kind, _)| *kind == self);
        found.map(|(_, name)| *name).unwrap_or_default()
    }

    /// Returns the kind with a name in the file.
    pub(crate) fn stored_as(name: &str) -> Option<Self> {
        let found = Self::STORED.iter().find(|(_, known)| *known == name);
        found.map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_has_a_unique_stored_name() {
        // The discriminant of the last kind is one less than the number of kinds.
        assert_eq!(Kind::STORED.len(), Kind::Watcher as usize + 1);
        for (kind, name) in Kind::STORED {
            assert_eq!(Kind::stored_as(name), Some(kind));
            assert_eq!(kind.stored_name(), name);
        }
    }
}
