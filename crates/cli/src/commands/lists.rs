//! Lists that a job reads to the end.

use scorekit::Items;

use crate::exit::Failure;
use crate::interrupt;

/// Passes each item of a list to `take`, until Ctrl-C, which is an error with this message.
pub(super) async fn each<T>(
    mut items: Items<T>,
    interrupted: &str,
    mut take: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        let item = tokio::select! {
            item = items.next() => item,
            () = interrupt::interrupted() => return Err(Failure::interrupted(interrupted)),
        };
        match item {
            Some(item) => take(item?)?,
            None => return Ok(()),
        }
    }
}
