//! Updates that start from the stored rule, and the identifiers that resources refer to.
//!
//! Two strings of a constructor cannot be swapped:
//!
//! ```compile_fail,E0308
//! use scorekit_scorecards::types::{
//!     EntityReference, RuleId, State, UpdateOutcomesAsyncRequestItem,
//! };
//!
//! let (entity, rule) = (EntityReference::from("service:checkout"), RuleId::from("rule-id"));
//! UpdateOutcomesAsyncRequestItem::new(rule, entity, State::Pass);
//! ```
//!
//! ```compile_fail,E0308
//! use scorekit_scorecards::types::{State, UpdateOutcomesAsyncRequestItem};
//!
//! UpdateOutcomesAsyncRequestItem::new("service:checkout", "rule-id", State::Pass);
//! ```

use crate::types::{
    CreateRuleResponseData, ListRulesResponseDataItem, OutcomesResponseDataItem,
    RelationshipToRule, RuleAttributes, RuleAttributesRequest, ScorecardScoreData,
    ScorecardScoreRelationshipItem, ScorecardScoreRelationships, UpdateRuleResponseData,
};

impl RuleAttributes {
    /// Creates the attributes of an update that changes nothing. Setters change them.
    ///
    /// [`update`](crate::resources::Rules::update) takes the whole rule. Attributes that only the
    /// server sets, such as `created_at`, are left out.
    ///
    /// ```no_run
    /// # use scorekit_scorecards::{Client, Error};
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// let mut rules = client.rules().list().filter_rule_name("Has an on-call rotation").items();
    /// while let Some(rule) = rules.next().await {
    ///     let rule = rule?;
    ///     if let (Some(id), Some(change)) = (&rule.id, rule.to_update()) {
    ///         client.rules().update(id, change.level(2)).send().await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_update(&self) -> RuleAttributesRequest {
        RuleAttributesRequest::new()
            .description(self.description.as_deref())
            .enabled(self.enabled)
            .level(self.level)
            .name(self.name.as_deref())
            .owner(self.owner.as_deref())
            .scope_query(self.scope_query.as_deref())
            .scorecard_name(self.scorecard_name.as_deref())
    }
}

/// Adds the methods that all types of rules in responses have.
macro_rules! rule {
    ($($name:ident),+) => {
        $(impl $name {
            /// Creates the attributes of an update that changes nothing, or returns `None` if the
            /// response has no attributes. See [`RuleAttributes::to_update`].
            pub fn to_update(&self) -> Option<RuleAttributesRequest> {
                self.attributes.as_ref().map(RuleAttributes::to_update)
            }

            /// Returns the identifier of the rule's scorecard, if the response has it.
            pub fn scorecard_id(&self) -> Option<&str> {
                scorecard_id(self.relationships.as_ref())
            }
        })+
    };
}

rule!(
    CreateRuleResponseData,
    ListRulesResponseDataItem,
    UpdateRuleResponseData
);

fn scorecard_id(relationships: Option<&RelationshipToRule>) -> Option<&str> {
    let scorecard = relationships?.scorecard.as_ref()?;
    scorecard.data.as_ref()?.id.as_deref()
}

impl OutcomesResponseDataItem {
    /// Returns the identifier of the outcome's rule, if the response has it.
    pub fn rule_id(&self) -> Option<&str> {
        let rule = self.relationships.as_ref()?.rule.as_ref()?;
        rule.data.as_ref()?.id.as_deref()
    }

    /// Returns the name of the outcome's service, if the response has it.
    pub fn service_name(&self) -> Option<&str> {
        self.attributes.as_ref()?.service_name.as_deref()
    }
}

/// Adds a method for each relationship of a score.
macro_rules! score {
    ($($method:ident of $relationship:ident),+) => {
        impl ScorecardScoreData {
            $(
                #[doc = concat!(
                    "Returns the identifier of the score's ", stringify!($relationship),
                    ", if the scores are grouped by it."
                )]
                pub fn $method(&self) -> Option<&str> {
                    self.related(|relationships| relationships.$relationship.as_ref())
                }
            )+

            fn related<'a>(
                &'a self,
                find: impl FnOnce(
                    &'a ScorecardScoreRelationships,
                ) -> Option<&'a ScorecardScoreRelationshipItem>,
            ) -> Option<&'a str> {
                let data = find(self.relationships.as_ref()?)?.data.as_ref()?;
                Some(&data.id)
            }
        }
    };
}

score!(
    entity_id of entity,
    rule_id of rule,
    scorecard_id of scorecard,
    service_id of service,
    team_id of team
);
