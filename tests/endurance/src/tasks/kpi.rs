//! Dcycle's datasets and KPIs. Nothing lists them; that a dataset exists shows when it takes a KPI.

use scorekit::kpi::types::{DatasetRequest, KpiRequest};

use super::Task;

/// How many datasets and KPIs, which cannot be deleted, a task ever makes.
const MOST_DATASETS: usize = 3;
const MOST_KPIS: u64 = 60;

impl Task {
    pub(super) async fn kpi(&mut self) {
        let kpi = self.client.kpi();
        let index = self.random.usize(0..MOST_DATASETS);
        let Some(dataset) = self.datasets.get(index).cloned() else {
            let name = self.name();
            let created = kpi.datasets().create(DatasetRequest::new(name.label(0)));
            match created.send().await {
                Ok(dataset) => self.datasets.push(dataset.into_inner().id),
                Err(error) => self.check(&error),
            }
            return;
        };
        if self.kpis == MOST_KPIS {
            return;
        }
        self.kpis += 1;
        let name = self.name();
        let created = kpi.kpis().create(&dataset, KpiRequest::new(name.label(0)));
        match created.send().await {
            Ok(kpi) if kpi.dataset_id == dataset => {}
            Ok(kpi) => {
                let finding = format!("a KPI of {dataset} says that it is of {}", kpi.dataset_id);
                self.shared.find(finding);
            }
            Err(error) => self.check(&error),
        }
    }
}
