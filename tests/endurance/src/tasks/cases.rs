//! Projects, cases and what is said about them.

use scorekit::cases::types::{
    CaseCommentAttributes, CaseCreateAttributes, CaseUpdateCommentAttributes,
    CaseUpdateTitleAttributes, ProjectCreateAttributes, ProjectUpdateAttributes,
};

use super::{Task, next_version};
use crate::ledger::{Kind, Name};

/// How many projects and comments a task has at the most, and how many cases, which cannot be deleted, it ever makes.
const MOST_PROJECTS: usize = 5;
const MOST_COMMENTS: usize = 8;
const MOST_CASES: usize = 6;

impl Task {
    pub(super) async fn projects(&mut self) {
        let projects = self.client.cases().projects();
        let kind = Kind::Project;
        let count = self.count(kind);
        let Some((name, known)) = self.any(kind).filter(|_| count >= MOST_PROJECTS / 2) else {
            return self.create_project().await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MOST_PROJECTS => self.create_project().await,
            4..8 => {
                let version = next_version(&mut self.random);
                let attributes = ProjectUpdateAttributes::new().name(name.label(version));
                let changed = projects.update(&known.id, attributes).send().await;
                self.settle_change(kind, name, version, changed);
            }
            8..11 => {
                let deleted = projects.delete(&known.id).send().await;
                self.settle_deletion(kind, name, deleted);
            }
            11..12 => {
                let listed = projects.list().send();
                if let Some(Err(error)) = self.perhaps_abandon(listed).await {
                    self.check(&error);
                }
            }
            _ => {
                let found = projects.get(&known.id).send().await;
                let label = found.map(|project| project.into_inner().attributes.name);
                self.settle_reading(kind, name, label);
            }
        }
    }

    async fn create_project(&mut self) {
        let name = self.name();
        let key = format!("S{}X{}", name.task, name.number);
        let attributes = ProjectCreateAttributes::new(key, name.label(0));
        let projects = self.client.cases().projects();
        let created = projects.create(attributes).send();
        match self.perhaps_abandon(created).await {
            Some(created) => {
                let id = created.map(|project| Some(project.into_inner().id));
                self.settle_creation(Kind::Project, name, None, id);
            }
            None => self.ledger.not_acknowledged(Kind::Project, name, None),
        }
    }

    pub(super) async fn cases(&mut self) {
        let cases = self.client.cases().cases();
        let kind = Kind::Case;
        if self.count(kind) < MOST_CASES {
            return self.create_case().await;
        }
        let Some((name, known)) = self.any(kind) else {
            return;
        };
        match self.random.u32(0..20) {
            0..8 => {
                let version = next_version(&mut self.random);
                let attributes = CaseUpdateTitleAttributes::new(name.label(version));
                let changed = cases.update_title(&known.id, attributes).send().await;
                self.settle_change(kind, name, version, changed);
            }
            8..10 => {
                let mut items = cases.search().page_size(10).items().limit(30).prefetch(2);
                let walk = async {
                    while let Some(case) = items.next().await {
                        case?;
                    }
                    Ok(())
                };
                if let Some(Err(error)) = self.perhaps_abandon(walk).await {
                    self.check(&error);
                }
            }
            10..11 => {
                let counted = cases.count().query_filter("status:open").send().await;
                if let Err(error) = counted {
                    self.check(&error);
                }
            }
            _ => {
                let found = cases.get(&known.id).send().await;
                let label = found.map(|case| case.into_inner().attributes.title);
                self.settle_reading(kind, name, label);
            }
        }
    }

    async fn create_case(&mut self) {
        let Some(case_type) = self.case_type().await else {
            return;
        };
        let name = self.name();
        let attributes = CaseCreateAttributes::new(name.label(0), case_type);
        let cases = self.client.cases().cases();
        let created = cases.create(attributes).send().await;
        let id = created.map(|case| Some(case.into_inner().id));
        self.settle_creation(Kind::Case, name, None, id);
    }

    /// The type that is there from the start, asked for once.
    async fn case_type(&mut self) -> Option<String> {
        if self.case_type.is_none() {
            match self.client.cases().types().list().send().await {
                Err(error) => self.check(&error),
                Ok(types) => {
                    let mut types = types.into_inner().into_iter();
                    self.case_type = types.find_map(|one| one.id);
                }
            }
        }
        self.case_type.clone()
    }

    pub(super) async fn comments(&mut self) {
        let comments = self.client.cases().comments();
        let kind = Kind::Comment;
        let Some((case, case_known)) = self.any(Kind::Case) else {
            return;
        };
        let count = self.count(kind);
        let Some((name, known)) = self.any(kind).filter(|_| count >= MOST_COMMENTS / 2) else {
            return self.create_comment(case, &case_known.id).await;
        };
        let of_case = known
            .parent
            .and_then(|case| self.ledger.get(Kind::Case, case))
            .map(|case| case.id.clone());
        let Some(of_case) = of_case else {
            return;
        };
        match self.random.u32(0..20) {
            0..5 if count < MOST_COMMENTS => self.create_comment(case, &case_known.id).await,
            5..9 => {
                let version = next_version(&mut self.random);
                let attributes = CaseUpdateCommentAttributes::new(name.label(version));
                let changed = comments.update(&of_case, &known.id, attributes);
                let changed = changed.send().await;
                self.settle_change(kind, name, version, changed);
            }
            9..13 => {
                let deleted = comments.delete(&of_case, &known.id).send().await;
                self.settle_deletion(kind, name, deleted);
            }
            _ => {
                let timeline = self.client.cases().timeline();
                let listed = timeline.list(&of_case).items().collect_all();
                let Some(listed) = self.perhaps_abandon(listed).await else {
                    return;
                };
                let label = listed.map(|cells| {
                    let cell = cells.into_iter().find(|cell| cell.id == known.id);
                    cell.and_then(|cell| super::inventory::message(cell.attributes))
                });
                self.settle_reading(kind, name, label);
            }
        }
    }

    async fn create_comment(&mut self, case: Name, case_id: &str) {
        let name = self.name();
        let comments = self.client.cases().comments();
        let attributes = CaseCommentAttributes::new(name.label(0));
        let created = comments.create(case_id, attributes).send();
        match self.perhaps_abandon(created).await {
            Some(created) => {
                let id = created.map(|cells| {
                    let cell = cells.into_inner().pop();
                    cell.map(|cell| cell.id)
                });
                self.settle_creation(Kind::Comment, name, Some(case), id);
            }
            None => self
                .ledger
                .not_acknowledged(Kind::Comment, name, Some(case)),
        }
    }
}
