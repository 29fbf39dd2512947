//! Updates that start from the stored campaign.

use crate::types::{
    CampaignResponseData, Name, OwnerId, StartDate, Status, UpdateCampaignRequestAttributes,
};

impl CampaignResponseData {
    /// Creates the body of an update that keeps everything and sets the rules. Setters change the
    /// rest.
    ///
    /// [`update`](crate::resources::Campaigns::update) replaces the whole campaign, its rules
    /// included, and responses do not hold the rules. So the caller must know all of them: a rule
    /// that is not in `rule_ids` is no longer part of the campaign.
    ///
    /// A required value that the server left out of its response is empty here; see
    /// [`Response::deviations`](crate::Response::deviations).
    ///
    /// ```no_run
    /// # use scorekit_campaigns::{Client, Error};
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// let campaign = client.get("on-call-2026").send().await?;
    /// let change = campaign.to_update(["q8MQxk8TCqrHnWkx"]).guidance("Ask in #on-call.");
    /// client.update(&campaign.id, change).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_update(
        &self,
        rule_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> UpdateCampaignRequestAttributes {
        let attributes = &self.attributes;
        UpdateCampaignRequestAttributes::new(
            Name::from(&attributes.name),
            OwnerId::from(&attributes.owner),
            rule_ids,
            StartDate::from(attributes.start_date.clone()),
            Status::from(&attributes.status),
        )
        .description(attributes.description.as_deref())
        .due_date(attributes.due_date.clone())
        .entity_scope(attributes.entity_scope.as_deref())
        .guidance(attributes.guidance.as_deref())
        .key(Some(attributes.key.as_str()).filter(|key| !key.is_empty()))
    }
}
