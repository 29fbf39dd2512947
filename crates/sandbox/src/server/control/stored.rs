//! The handlers of what a sandbox stores: resources, snapshots and recorded requests.

use serde_json::{Value, json};

use super::{Reply, Request, Result};
use crate::document::Location;
use crate::request::{ApiError, Reason};
use crate::seed::SeedError;
use crate::server::edit::Edit;
use crate::server::parts::Snapshot;
use crate::server::record_json::record_json;
use crate::server::request_log::RequestRecord;
use crate::server::steering::{Created, MAX_SNAPSHOTS, Written};
use crate::state::{Kind, Record};
use crate::sync::lock;

/// The number of requests that are listed unless the client asks for another one.
const DEFAULT_LIMIT: usize = 1_000;

pub(super) fn apply_seed(request: &Request<'_>) -> Result<Reply> {
    created(request.server.seed(&request.call.body))
}

pub(super) fn apply_named_seed(request: &Request<'_>) -> Result<Reply> {
    let name = request.call.path_str("seed");
    match request.server.seed_named(name) {
        Some(result) => created(result),
        None => {
            let detail = format!("there is no seed `{name}`; write `realistic`");
            Err(ApiError::invalid_parameter("seed", detail))
        }
    }
}

fn created(result: std::result::Result<(Created, Written), SeedError>) -> Result<Reply> {
    let (created, written) = result.map_err(|error| {
        let pointer = error.pointer();
        ApiError::invalid_body(pointer, error.to_string())
    })?;
    Ok(Reply::json(json!({ "created": created })).after(written))
}

pub(super) fn list_kinds(request: &Request<'_>) -> Result<Reply> {
    let state = lock(&request.server.state);
    let kinds = Kind::STORED.iter().map(|(kind, name)| {
        let count = state.all(*kind).count();
        json!({ "kind": name, "count": count })
    });
    let kinds: Vec<_> = kinds.collect();
    Ok(Reply::json(json!({ "kinds": kinds })))
}

/// Returns the kind in the path.
fn kind(request: &Request<'_>) -> Result<Kind> {
    let name = request.call.path_str("kind");
    Kind::stored_as(name).ok_or_else(|| {
        let detail = format!("there is no kind `{name}`; list the kinds to see their names");
        ApiError::invalid_parameter("kind", detail)
    })
}

fn resource_json(record: &Record) -> Value {
    json!({
        "id": record.id,
        "attributes": record.attributes,
        "relations": record.links,
    })
}

pub(super) fn list_resources(request: &Request<'_>) -> Result<Reply> {
    let kind = kind(request)?;
    let state = lock(&request.server.state);
    let resources: Vec<_> = state.all(kind).map(resource_json).collect();
    Ok(Reply::json(json!({ "resources": resources })))
}

pub(super) fn update_resource(request: &Request<'_>) -> Result<Reply> {
    let (kind, id) = (kind(request)?, request.call.path_str("resource_id"));
    let attributes = request.call.body.get("attributes").cloned();
    let Some(Value::Object(attributes)) = attributes else {
        return Err(ApiError::invalid_body(
            "/attributes",
            "it must be an object",
        ));
    };
    let reply = edited(request.server.edit(kind, id, attributes), kind, id)?;
    let state = lock(&request.server.state);
    let record = state.get(kind, id).map(resource_json);
    Ok(Reply {
        body: record,
        ..reply
    })
}

pub(super) fn delete_resource(request: &Request<'_>) -> Result<Reply> {
    let (kind, id) = (kind(request)?, request.call.path_str("resource_id"));
    edited(request.server.delete(kind, id), kind, id)
}

fn edited(edit: Edit, kind: Kind, id: &str) -> Result<Reply> {
    let name = kind.stored_name();
    match edit {
        Edit::Done(written) => Ok(Reply::empty().after(written)),
        Edit::Missing => {
            let detail =
                format!("cannot find the {name} `{id}`; list the resources of its kind first");
            Err(ApiError::new(Reason::NotFound, detail))
        }
        Edit::Breaks(problem) => {
            let detail = format!("cannot change the {name} `{id}`: {problem}");
            Err(ApiError::new(Reason::Conflict, detail))
        }
    }
}

fn snapshot_json(name: &str, snapshot: &Snapshot) -> Value {
    json!({
        "name": name,
        "time": format!("{:.3}", snapshot.time),
        "resources": snapshot.contents.len(),
    })
}

fn missing_snapshot(name: &str) -> ApiError {
    let detail =
        format!("cannot find the snapshot `{name}`; list the snapshots to see their names");
    ApiError::new(Reason::NotFound, detail)
}

pub(super) fn list_snapshots(request: &Request<'_>) -> Result<Reply> {
    let snapshots = lock(&request.server.snapshots);
    let snapshots = snapshots.iter();
    let snapshots: Vec<_> = snapshots
        .map(|(name, it)| snapshot_json(name, it))
        .collect();
    Ok(Reply::json(json!({ "snapshots": snapshots })))
}

pub(super) fn save_snapshot(request: &Request<'_>) -> Result<Reply> {
    let name = request.call.path_str("snapshot");
    match request.server.save_snapshot(name) {
        Some(snapshot) => Ok(Reply::json(snapshot_json(name, &snapshot))),
        None => {
            let detail = format!(
                "cannot save the snapshot `{name}`: the sandbox has {MAX_SNAPSHOTS}; delete one \
                 of them first"
            );
            Err(ApiError::new(Reason::Conflict, detail))
        }
    }
}

pub(super) fn delete_snapshot(request: &Request<'_>) -> Result<Reply> {
    let name = request.call.path_str("snapshot");
    match lock(&request.server.snapshots).remove(name) {
        Some(_) => Ok(Reply::empty()),
        None => Err(missing_snapshot(name)),
    }
}

pub(super) fn restore_snapshot(request: &Request<'_>) -> Result<Reply> {
    let name = request.call.path_str("snapshot");
    match request.server.restore_snapshot(name) {
        Some(written) => Ok(Reply::empty().after(written)),
        None => Err(missing_snapshot(name)),
    }
}

pub(super) fn diff_snapshot(request: &Request<'_>) -> Result<Reply> {
    let name = request.call.path_str("snapshot");
    let other = request.call.query_str("to");
    let differences = request.server.diff_snapshot(name, other);
    let differences = differences.map_err(|missing| missing_snapshot(&missing))?;
    let names = |records: Vec<(Kind, String)>| -> Vec<Value> {
        let records = records.into_iter();
        records
            .map(|(kind, id)| json!({ "kind": kind.stored_name(), "id": id }))
            .collect()
    };
    let changed = differences.changed.into_iter().map(|(kind, id, properties)| {
        json!({ "kind": kind.stored_name(), "id": id, "properties": properties })
    });
    Ok(Reply::json(json!({
        "created": names(differences.created),
        "changed": changed.collect::<Vec<_>>(),
        "deleted": names(differences.deleted),
    })))
}

/// Returns true if a recorded request matches all filters.
fn matches(request: &Request<'_>, record: &RequestRecord) -> bool {
    let call = &request.call;
    let is = |name: &str, check: &dyn Fn(&str) -> bool| call.query_str(name).is_none_or(check);
    let number = call.query("after").and_then(Value::as_u64);
    let fault = call.query("fault").and_then(Value::as_bool);
    is("operation_id", &|id| {
        record.operation_id.as_deref() == Some(id)
    }) && is("method", &|method| record.method == method)
        && is("path", &|part| record.path.contains(part))
        && is("status", &|status| has_status(record.status, status))
        && fault.is_none_or(|fault| record.fault.is_some() == fault)
        && number.is_none_or(|number| record.number > number)
}

/// Returns true for a status code such as `503`, or one of a class such as `5xx`.
fn has_status(status: u16, wanted: &str) -> bool {
    match wanted.strip_suffix("xx") {
        Some(class) => (status / 100).to_string() == class,
        None => status.to_string() == wanted,
    }
}

pub(super) fn list_requests(request: &Request<'_>) -> Result<Reply> {
    let limit = request.call.query("limit").and_then(Value::as_u64);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let log = lock(&request.server.log);
    let matching: Vec<_> = log
        .all()
        .filter(|record| matches(request, record))
        .collect();
    let skipped = matching
        .len()
        .saturating_sub(limit.unwrap_or(DEFAULT_LIMIT));
    let requests = matching.iter().skip(skipped);
    let requests: Vec<_> = requests.map(|record| record_json(record)).collect();
    Ok(Reply::json(
        json!({ "total": matching.len(), "requests": requests }),
    ))
}

pub(super) fn clear_requests(request: &Request<'_>) -> Result<Reply> {
    lock(&request.server.log).clear();
    Ok(Reply::empty())
}

pub(super) fn get_request(request: &Request<'_>) -> Result<Reply> {
    let number = request.call.value(Location::Path, "number");
    let number = number.and_then(Value::as_u64).unwrap_or_default();
    let log = lock(&request.server.log);
    let found = log.all().find(|record| record.number == number);
    found.map(|record| Reply::json(record_json(record))).ok_or_else(|| {
        let detail = format!(
            "cannot find the request {number}: it did not arrive, or the list was cleared or is \
             full; list the requests to see their numbers"
        );
        ApiError::new(Reason::NotFound, detail)
    })
}
