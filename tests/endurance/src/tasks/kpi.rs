//! Dcycle's datasets and KPIs. No operation lists them; creating a KPI shows that its dataset
//! exists.

use scorekit::kpi::types::{DatasetRequest, KpiRequest};

use super::Task;

/// The largest numbers of datasets and KPIs of a task. Neither can be deleted.
const MAX_DATASETS: usize = 3;
const MAX_KPIS: u64 = 60;

impl Task {
    pub(super) async fn kpi(&mut self) {
        let kpi = self.client.kpi();
        let index = self.random.usize(0..MAX_DATASETS);
        let Some(dataset) = self.datasets.get(index).cloned() else {
            let name = self.name();
            let created = kpi.datasets().create(DatasetRequest::new(name.label(0)));
            match created.send().await {
                Ok(dataset) => self.datasets.push(dataset.into_inner().id),
                Err(error) => self.check_error(&error),
            }
            return;
        };
        if self.kpis == MAX_KPIS {
            return;
        }
        self.kpis += 1;
        let name = self.name();
        let created = kpi.kpis().create(&dataset, KpiRequest::new(name.label(0)));
        match created.send().await {
            Ok(kpi) if kpi.dataset_id == dataset => {}
            Ok(kpi) => {
                let finding = format!("a KPI of {dataset} has the dataset {}", kpi.dataset_id);
                self.shared.report(finding);
            }
            Err(error) => self.check_error(&error),
        }
    }
}
