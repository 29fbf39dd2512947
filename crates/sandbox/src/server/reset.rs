//! The error that resets a connection.

use std::error::Error;
use std::fmt;

/// An error that makes the server reset the connection instead of sending a response.
#[derive(Debug)]
pub(crate) struct ConnectionReset;

impl fmt::Display for ConnectionReset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a fault of the sandbox resets this connection")
    }
}

impl Error for ConnectionReset {}
