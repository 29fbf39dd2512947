//! Projects and types of cases, by the names that people use.

use scorekit::Client;
use scorekit::cases::types::{CaseTypeResource, Project};

use super::lists::until_interrupted;
use crate::exit::Failure;

/// Returns a project by its key, name or id.
pub(super) async fn project(client: &Client, name: &str) -> Result<Project, Failure> {
    let list = client.cases().projects().list();
    let projects = until_interrupted(list.send()).await??.into_inner();
    let key = |project: &Project| {
        let key = project.attributes.key.as_deref();
        key.unwrap_or(&project.id).to_owned()
    };
    let is_it = |project: &Project| {
        let attributes = &project.attributes;
        project.id == name
            || attributes
                .key
                .as_deref()
                .is_some_and(|key| key.eq_ignore_ascii_case(name))
            || attributes.name.as_deref() == Some(name)
    };
    let keys: Vec<String> = projects.iter().map(key).collect();
    projects.into_iter().find(is_it).ok_or_else(|| {
        let message =
            format!("cannot find the project {name:?}: no project has this key, name or id");
        let failure = Failure::failed(message);
        match keys.is_empty() {
            true => failure.with_help("create one with `scorekit projects create`"),
            false => failure.with_help(format!("the projects are {}", keys.join(", "))),
        }
    })
}

/// Returns the id of a type of cases by its name or id. Without a name, it is the type `Standard`,
/// or the only one.
pub(super) async fn type_id(client: &Client, name: Option<&str>) -> Result<String, Failure> {
    let list = client.cases().types().list();
    let types = until_interrupted(list.send()).await??.into_inner();
    let types: Vec<CaseTypeResource> = types.into_iter().filter(exists).collect();
    let named = |name: &str| {
        let is_it =
            |it: &&CaseTypeResource| it.id.as_deref() == Some(name) || type_name(it) == name;
        types.iter().find(is_it)
    };
    let found = match (name, &types[..]) {
        (Some(name), _) => named(name),
        (None, [only]) => Some(only),
        (None, _) => named("Standard"),
    };
    found.and_then(|it| it.id.clone()).ok_or_else(|| {
        let names: Vec<&str> = types.iter().map(type_name).collect();
        let names = names.join(", ");
        match name {
            Some(name) => Failure::failed(format!(
                "cannot find the type of cases {name:?}: no type has this name or id"
            )),
            None if types.is_empty() => {
                let message = "cannot choose a type of cases: the server has none";
                return Failure::failed(message)
                    .with_help("create one with `scorekit types create`");
            }
            None => Failure::usage("cannot choose a type of cases: the server has several"),
        }
        .with_help(format!("name one with --type: {names}"))
    })
}

fn exists(case_type: &CaseTypeResource) -> bool {
    let attributes = case_type.attributes.as_ref();
    attributes.is_none_or(|attributes| attributes.deleted_at.is_none())
}

fn type_name(case_type: &CaseTypeResource) -> &str {
    let attributes = case_type.attributes.as_ref();
    attributes.map_or("", |attributes| &attributes.name)
}
