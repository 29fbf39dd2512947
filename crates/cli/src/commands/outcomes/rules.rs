//! The rules of the server, by name and by id.

use std::collections::HashMap;

use scorekit::Client;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::settings::Settings;

/// The rules of the server.
#[derive(Default)]
pub(super) struct Rules {
    /// The ids of the rules of a name.
    by_name: HashMap<String, Vec<String>>,
    ids: std::collections::HashSet<String>,
}

impl Rules {
    /// Reads the list of rules, once.
    pub(super) async fn read(
        context: &Context,
        settings: &Settings,
        client: &Client,
    ) -> Result<Self, Failure> {
        settings.check_datadog()?;
        let mut rules = Self::default();
        let mut items = client.scorecards().rules().list().items();
        loop {
            let item = tokio::select! {
                item = items.next() => item,
                () = interrupt::interrupted() => {
                    return Err(Failure::new(Exit::Interrupted, "interrupted: nothing was sent"));
                }
            };
            let Some(rule) = item else { break };
            let rule = rule?;
            let Some(id) = rule.id else { continue };
            let name = rule.attributes.and_then(|attributes| attributes.name);
            if let Some(name) = name {
                rules.by_name.entry(name).or_default().push(id.to_string());
            }
            rules.ids.insert(id.to_string());
        }
        if context.verbose > 0 {
            context.say(&format!("the server has {} rules", rules.ids.len()));
        }
        Ok(rules)
    }

    /// Returns the id of a rule by its name or id.
    pub(super) fn id(&self, name: &str) -> Result<&str, String> {
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([id]) => Ok(id),
            Some(ids) => Err(format!(
                "{} rules are called {name:?}; use the id of one: {}",
                ids.len(),
                ids.join(", ")
            )),
            None => match self.ids.get(name) {
                Some(id) => Ok(id),
                None => Err(self.unknown(name)),
            },
        }
    }

    fn unknown(&self, name: &str) -> String {
        let lower = name.to_lowercase();
        let mut similar = self.by_name.keys().filter(|it| it.to_lowercase() == lower);
        match similar.next() {
            Some(other) => format!("there is no rule {name:?}; did you mean {other:?}?"),
            None => format!("there is no rule {name:?}; `scorekit rules list --all` has them"),
        }
    }
}
