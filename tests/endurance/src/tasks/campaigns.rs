//! Campaigns.

use scorekit::campaigns::types::{
    CreateCampaignRequestAttributes, Key, Name, OwnerId, StartDate, Status,
    UpdateCampaignRequestAttributes,
};

use super::Task;
use crate::ledger::Kind;

/// The largest number of campaigns of a task.
const MAX_CAMPAIGNS: usize = 5;

const OWNER: &str = "550e8400-e29b-41d4-a716-446655440000";
const START: &str = "2026-12-01T00:00:00Z";

impl Task {
    pub(super) async fn campaigns(&mut self) {
        let campaigns = self.client.campaigns();
        let kind = Kind::Campaign;
        let count = self.count(kind);
        let rule = self.pick(Kind::Rule).map(|(_, item)| item.id);
        let existing = self.pick(kind).filter(|_| count >= MAX_CAMPAIGNS / 2);
        let Some((name, item)) = existing else {
            return self.create_campaign(rule).await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MAX_CAMPAIGNS => self.create_campaign(rule).await,
            4..8 => {
                let version = self.next_version();
                let attributes = UpdateCampaignRequestAttributes::new(
                    Name::from(name.label(version)),
                    OwnerId::from(OWNER),
                    rule,
                    StartDate::from(START),
                    Status::from("in_progress"),
                );
                let changed = campaigns.update(&item.id, attributes).send().await;
                self.record_change(kind, name, version, changed);
            }
            8..11 => {
                let deleted = campaigns.delete(&item.id).send().await;
                self.record_deletion(kind, name, deleted);
            }
            11..13 => {
                let listed = campaigns.list().page_limit(10).send();
                if let Some(Err(error)) = self.maybe_abandon(listed).await {
                    self.check_error(&error);
                }
            }
            _ => {
                // By the key from the request, or by the id from the response.
                let named = name.to_string();
                let path = if self.random.bool() { &item.id } else { &named };
                let found = campaigns.get(path).send().await;
                let label = found.map(|campaign| Some(campaign.into_inner().attributes.name));
                self.check_read(kind, name, label);
            }
        }
    }

    async fn create_campaign(&mut self, rule: Option<String>) {
        let name = self.name();
        let attributes = CreateCampaignRequestAttributes::new(
            Key::from(name.to_string()),
            Name::from(name.label(0)),
            OwnerId::from(OWNER),
            rule,
            StartDate::from(START),
        );
        let campaigns = self.client.campaigns();
        let created = campaigns.create(attributes).send().await;
        let id = created.map(|campaign| Some(campaign.into_inner().id));
        self.record_creation(Kind::Campaign, name, None, id);
    }
}
