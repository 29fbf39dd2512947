//! The error of a sandbox that cannot start.

use std::fmt;
use std::net::SocketAddr;

use crate::document::DocumentError;
use crate::options::SettingError;
use crate::seed::SeedError;

/// An error from starting a sandbox, or from changing its resources.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The bundled document cannot be used.
    Document(DocumentError),
    /// The sandbox cannot listen on its address.
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// A fault or a rate limit cannot be used.
    Setting(SettingError),
    /// A seed cannot be used.
    Seed(SeedError),
    /// The data file cannot be used.
    #[cfg(feature = "database")]
    Data {
        /// The file.
        file: std::path::PathBuf,
        /// The problem with it.
        problem: String,
    },
    /// The file for recorded calls cannot be created.
    Record {
        /// The file.
        file: std::path::PathBuf,
        /// The problem with it.
        problem: String,
    },
    /// The real API cannot be used.
    #[cfg(feature = "proxy")]
    Proxy {
        /// The base URL.
        url: String,
        /// The problem with it.
        problem: String,
    },
    /// The recording cannot be used.
    Replay {
        /// The file.
        file: std::path::PathBuf,
        /// The problem with it.
        problem: String,
    },
    /// A change of a running sandbox cannot be written to the data file.
    Write(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => write!(formatter, "{error}"),
            Self::Setting(error) => write!(formatter, "{error}"),
            Self::Seed(error) => write!(formatter, "{error}"),
            Self::Record { file, problem } => {
                write!(formatter, "cannot record in {}: {problem}", file.display())
            }
            Self::Replay { file, problem } => {
                write!(formatter, "cannot replay {}: {problem}", file.display())
            }
            #[cfg(feature = "proxy")]
            Self::Proxy { url, problem } => {
                write!(formatter, "cannot forward requests to {url}: {problem}")
            }
            Self::Write(problem) => formatter.write_str(problem),
            #[cfg(feature = "database")]
            Self::Data { file, problem } => {
                let file = file.display();
                write!(formatter, "cannot use the data file {file}: {problem}")
            }
            Self::Listen { address, source } => write!(
                formatter,
                "cannot listen on {address}: {source}; choose another port, or 0 for a free one"
            ),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Document(error) => Some(error),
            Self::Listen { source, .. } => Some(source),
            Self::Setting(error) => Some(error),
            Self::Seed(error) => Some(error),
            Self::Record { .. } | Self::Replay { .. } | Self::Write(_) => None,
            #[cfg(feature = "proxy")]
            Self::Proxy { .. } => None,
            #[cfg(feature = "database")]
            Self::Data { .. } => None,
        }
    }
}
