//! Why a sandbox does not start.

use std::fmt;
use std::net::SocketAddr;

use crate::document::DocumentError;
use crate::seed::SeedError;
use crate::setting::SettingError;

/// Why a sandbox cannot start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The bundled document is broken.
    Document(DocumentError),
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says about it.
        source: std::io::Error,
    },
    /// A fault or a rate limit cannot be.
    Setting(SettingError),
    /// A seed cannot be used.
    Seed(SeedError),
    /// The file of the data cannot be used.
    #[cfg(feature = "database")]
    Data {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => {
                write!(formatter, "the sandbox cannot use its document: {error}")
            }
            Self::Setting(error) => write!(formatter, "the sandbox cannot be set up so: {error}"),
            Self::Seed(error) => write!(formatter, "the sandbox cannot use its seed: {error}"),
            #[cfg(feature = "database")]
            Self::Data { file, problem } => write!(
                formatter,
                "the sandbox cannot keep its data in {}: {problem}",
                file.display()
            ),
            Self::Listen { address, source } => {
                write!(
                    formatter,
                    "the sandbox cannot listen on {address}: {source}; choose another port, or 0 for a free one"
                )
            }
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
            #[cfg(feature = "database")]
            Self::Data { .. } => None,
        }
    }
}
