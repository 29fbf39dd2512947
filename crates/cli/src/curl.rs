//! Prints a request as a curl command, with variables in place of credentials.

use std::fmt::Write as _;

use http::Request;
use scorekit::runtime::{Bytes, Operation, SecurityLocation};

use crate::settings::secret_variable;

/// Returns the command. The credentials of the operation are references to the variables that
/// `scorekit` reads, too.
pub(crate) fn curl(operation: &Operation, request: &Request<Bytes>) -> String {
    let mut text = format!("curl --request {}", request.method());
    let mut query = String::new();
    for scheme in operation.security.first().into_iter().copied().flatten() {
        let variable = secret_variable(scheme.name).unwrap_or("SECRET");
        match scheme.location {
            SecurityLocation::Header(name) => header(&mut text, &format!("{name}: ${variable}")),
            SecurityLocation::Bearer => {
                header(&mut text, &format!("Authorization: Bearer ${variable}"));
            }
            SecurityLocation::Basic => {
                let _ = write!(text, " \\\n  --user \"${variable}\"");
            }
            SecurityLocation::Cookie(name) => {
                let _ = write!(text, " \\\n  --cookie \"{name}=${variable}\"");
            }
            SecurityLocation::Query(name) => {
                let _ = write!(query, " \\\n  --url-query \"{name}=${variable}\"");
            }
            _ => {}
        }
    }
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        let _ = write!(
            text,
            " \\\n  --header {}",
            quoted(&format!("{name}: {value}"))
        );
    }
    text.push_str(&query);
    if !request.body().is_empty() {
        let body = String::from_utf8_lossy(request.body());
        let _ = write!(text, " \\\n  --data-raw {}", quoted(&body));
    }
    let _ = writeln!(text, " \\\n  {}", quoted(&request.uri().to_string()));
    text
}

/// Adds a header with a variable, which a shell expands between double quotes.
fn header(text: &mut String, header: &str) {
    let _ = write!(text, " \\\n  --header \"{header}\"");
}

/// Returns a word between single quotes, as POSIX shells read it.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
