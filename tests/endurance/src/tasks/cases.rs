//! Projects, cases and comments.

use scorekit::cases::types::{
    self, CaseCommentAttributes, CaseCreateAttributes, CaseId, CaseUpdateCommentAttributes,
    CaseUpdateTitleAttributes, CellId, Key, ProjectCreateAttributes, ProjectUpdateAttributes,
    Title, TypeId,
};

use super::Task;
use crate::ledger::{Kind, Name};

/// The largest numbers of projects, comments and cases of a task. Cases cannot be deleted.
const MAX_PROJECTS: usize = 5;
const MAX_COMMENTS: usize = 8;
const MAX_CASES: usize = 6;

impl Task {
    pub(super) async fn projects(&mut self) {
        let projects = self.client.cases().projects();
        let kind = Kind::Project;
        let count = self.count(kind);
        let Some((name, item)) = self.pick(kind).filter(|_| count >= MAX_PROJECTS / 2) else {
            return self.create_project().await;
        };
        match self.random.u32(0..20) {
            0..4 if count < MAX_PROJECTS => self.create_project().await,
            4..8 => {
                let version = self.next_version();
                let attributes = ProjectUpdateAttributes::new().name(name.label(version));
                let changed = projects.update(&item.id, attributes).send().await;
                self.record_change(kind, name, version, changed);
            }
            8..11 => {
                let deleted = projects.delete(&item.id).send().await;
                self.record_deletion(kind, name, deleted);
            }
            11..12 => {
                let listed = projects.list().send();
                if let Some(Err(error)) = self.maybe_abandon(listed).await {
                    self.check_error(&error);
                }
            }
            _ => {
                let found = projects.get(&item.id).send().await;
                let label = found.map(|project| project.into_inner().attributes.name);
                self.check_read(kind, name, label);
            }
        }
    }

    async fn create_project(&mut self) {
        let name = self.name();
        let key = format!("S{}X{}", name.task, name.number);
        let attributes =
            ProjectCreateAttributes::new(Key::from(key), types::Name::from(name.label(0)));
        let projects = self.client.cases().projects();
        let created = projects.create(attributes).send();
        match self.maybe_abandon(created).await {
            Some(created) => {
                let id = created.map(|project| Some(project.into_inner().id));
                self.record_creation(Kind::Project, name, None, id);
            }
            None => self.ledger.not_acknowledged(Kind::Project, name, None),
        }
    }

    pub(super) async fn cases(&mut self) {
        let cases = self.client.cases();
        let kind = Kind::Case;
        if self.count(kind) < MAX_CASES {
            return self.create_case().await;
        }
        let Some((name, item)) = self.pick(kind) else {
            return;
        };
        match self.random.u32(0..20) {
            0..8 => {
                let version = self.next_version();
                let attributes = CaseUpdateTitleAttributes::new(name.label(version));
                let changed = cases.update_title(&item.id, attributes).send().await;
                self.record_change(kind, name, version, changed);
            }
            8..10 => {
                let mut items = cases.search().page_size(10).items().limit(30).prefetch(2);
                let walk = async {
                    while let Some(case) = items.next().await {
                        case?;
                    }
                    Ok(())
                };
                if let Some(Err(error)) = self.maybe_abandon(walk).await {
                    self.check_list_error(&error);
                }
            }
            10..11 => {
                let counted = cases.count().query_filter("status:open").send().await;
                if let Err(error) = counted {
                    self.check_error(&error);
                }
            }
            _ => {
                let found = cases.get(&item.id).send().await;
                let label = found.map(|case| case.into_inner().attributes.title);
                self.check_read(kind, name, label);
            }
        }
    }

    async fn create_case(&mut self) {
        let Some(case_type) = self.case_type().await else {
            return;
        };
        let name = self.name();
        let attributes =
            CaseCreateAttributes::new(Title::from(name.label(0)), TypeId::from(case_type));
        let cases = self.client.cases();
        let created = cases.create(attributes).send().await;
        let id = created.map(|case| Some(case.into_inner().id));
        self.record_creation(Kind::Case, name, None, id);
    }

    /// Returns the id of the case type that every sandbox has, which is read once.
    async fn case_type(&mut self) -> Option<String> {
        if self.case_type.is_none() {
            match self.client.cases().types().list().send().await {
                Err(error) => self.check_error(&error),
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
        let Some((case, case_item)) = self.pick(Kind::Case) else {
            return;
        };
        let count = self.count(kind);
        let Some((name, item)) = self.pick(kind).filter(|_| count >= MAX_COMMENTS / 2) else {
            return self.create_comment(case, &case_item.id).await;
        };
        let of_case = item
            .parent
            .and_then(|case| self.ledger.get(Kind::Case, case))
            .map(|case| case.id.clone());
        let Some(of_case) = of_case else {
            return;
        };
        match self.random.u32(0..20) {
            0..5 if count < MAX_COMMENTS => self.create_comment(case, &case_item.id).await,
            5..9 => {
                let version = self.next_version();
                let attributes = CaseUpdateCommentAttributes::new(name.label(version));
                let changed =
                    comments.update(&CaseId::from(&of_case), &CellId::from(&item.id), attributes);
                let changed = changed.send().await;
                self.record_change(kind, name, version, changed);
            }
            9..13 => {
                let deleted = comments
                    .delete(&CaseId::from(&of_case), &CellId::from(&item.id))
                    .send()
                    .await;
                self.record_deletion(kind, name, deleted);
            }
            _ => {
                let timeline = self.client.cases().timeline();
                let listed = timeline.list(&of_case).items().collect_all();
                let Some(listed) = self.maybe_abandon(listed).await else {
                    return;
                };
                let label = listed.map(|cells| {
                    let cell = cells.into_iter().find(|cell| cell.id == item.id);
                    cell.and_then(|cell| super::inventory::message(cell.attributes))
                });
                self.check_read(kind, name, label);
            }
        }
    }

    async fn create_comment(&mut self, case: Name, case_id: &str) {
        let name = self.name();
        let comments = self.client.cases().comments();
        let attributes = CaseCommentAttributes::new(name.label(0));
        let created = comments.create(case_id, attributes).send();
        match self.maybe_abandon(created).await {
            Some(created) => {
                let id = created.map(|cells| {
                    let cell = cells.into_inner().pop();
                    cell.map(|cell| cell.id)
                });
                self.record_creation(Kind::Comment, name, Some(case), id);
            }
            None => self
                .ledger
                .not_acknowledged(Kind::Comment, name, Some(case)),
        }
    }
}
