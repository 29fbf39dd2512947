//! The descriptions of the commands of operations.

use clap::Command;

use crate::catalog::{Domain, Resource};

/// Describes the commands of a resource: by the summary of the only one, or else by their names,
/// after the domain, or after the resource where the group names the domain.
pub(super) fn about(domain: &Domain, resource: &Resource, by_hand: &[Command]) -> String {
    if let (true, [only]) = (by_hand.is_empty(), resource.commands) {
        return only.summary.trim_end_matches('.').to_owned();
    }
    let subject = match domain.group {
        Some(_) => title(resource.name),
        None => subject(domain),
    };
    let names = by_hand.iter().map(Command::get_name);
    let names: Vec<&str> = names
        .chain(resource.commands.iter().map(|it| it.name))
        .collect();
    format!("{subject}: {}", names.join(", "))
}

/// Returns the name of a domain as its description spells it, such as `KPI`, or else with a capital
/// letter.
fn subject(domain: &Domain) -> String {
    let words = domain.about.split(|letter: char| !letter.is_alphanumeric());
    let mut words = words.map(|word| word.strip_suffix('s').unwrap_or(word));
    let tag = domain.tag.strip_suffix('s').unwrap_or(domain.tag);
    // A word in small letters is the tag itself.
    let is_it = |word: &&str| word.eq_ignore_ascii_case(tag) && word.to_lowercase() != *word;
    match words.find(is_it) {
        Some(word) => format!("{word}{}", &domain.tag[tag.len()..]),
        None => title(domain.tag),
    }
}

/// Returns a name as words, the first with a capital letter.
fn title(name: &str) -> String {
    let name = name.replace(['-', '_'], " ");
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use scorekit::runtime::{Method, Operation, Server};

    static SERVER: Server = Server::new("any", "https://api.example.com");
    static OPERATION: Operation = Operation::new("Any", Method::GET, "/any", &SERVER);
    static ONE: [catalog::Command; 1] = [catalog::Command::new(
        "create",
        &OPERATION,
        "Create a level objective",
    )];
    static TWO: [catalog::Command; 2] = [
        catalog::Command::new("list", &OPERATION, "List"),
        catalog::Command::new("get", &OPERATION, "Get"),
    ];
    static RESOURCES: [Resource; 2] = [
        Resource::new("goals", &ONE),
        Resource::new("error-budgets", &TWO),
    ];

    fn abouts(domain: &Domain) -> Vec<String> {
        let resources = RESOURCES.iter();
        resources.map(|it| about(domain, it, &[])).collect()
    }

    #[test]
    fn the_commands_of_any_domain_are_described() {
        let domain = Domain::new("slo", "Goals for SLOs, and more.", &RESOURCES);
        let summary = "Create a level objective";
        assert_eq!(abouts(&domain), [summary, "SLO: list, get"]);
        let domain = Domain::new("service-levels", "The service levels.", &RESOURCES);
        assert_eq!(abouts(&domain), [summary, "Service levels: list, get"]);
        // The group has the name of the domain already.
        let domain = domain.group("service-levels");
        assert_eq!(abouts(&domain), [summary, "Error budgets: list, get"]);
    }
}
