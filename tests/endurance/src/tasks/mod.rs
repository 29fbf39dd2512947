//! The tasks: each creates, changes, reads and deletes items of its own, one action after the
//! other, and records the acknowledgements of the server.

mod campaigns;
mod cases;
mod inventory;
mod kpi;
mod scorecards;
mod shared;
mod task;

use crate::ledger::{Acknowledged, Kind, Ledger};
use crate::settings::Sabotage;

pub(crate) use inventory::take as take_inventory;
pub(crate) use shared::Shared;
pub(crate) use task::Task;

impl Task {
    /// Performs actions until the run is over. Returns the acknowledged items.
    pub(crate) async fn run(mut self) -> Ledger {
        let mut done = 0;
        while self.shared.may_act(done) {
            self.shared.begin_action(self.number);
            self.sabotage().await;
            self.act().await;
            self.shared.end_action(self.number);
            done += 1;
        }
        for (kind, name) in self.assumed {
            let item = Acknowledged {
                id: String::new(),
                version: None,
                parent: None,
            };
            self.ledger.created(kind, name, item);
        }
        self.ledger
    }

    /// Performs one random action.
    async fn act(&mut self) {
        match self.random.u32(0..100) {
            0..22 => self.rules().await,
            22..36 => self.outcomes().await,
            36..56 => self.campaigns().await,
            56..70 => self.projects().await,
            70..84 => self.cases().await,
            84..96 => self.comments().await,
            _ => self.kpi().await,
        }
    }

    /// Makes the errors that `--sabotage` asks of a task.
    async fn sabotage(&mut self) {
        match self.shared.sabotage {
            Some(Sabotage::StuckTask) if self.number == 0 => {
                // The task never returns its ledger, so this rule is unexpected at the end.
                while self.count(Kind::Rule) == 0 {
                    self.create_rule().await;
                }
                std::future::pending().await
            }
            Some(Sabotage::Leak) => self.shared.leak(),
            _ => {}
        }
    }
}
