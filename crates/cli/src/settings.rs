//! Profiles: named settings in a file, below the environment and the flags.
//!
//! The file is `~/.config/scorekit/config.toml`, or the one that `SCOREKIT_CONFIG` names. Only its
//! owner can read it. A setting has the same meaning as the environment variable of its row in
//! [`SETTINGS`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use scorekit::Config;
use scorekit::runtime::{Operation, datadog, dcycle};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

use crate::exit::{Exit, Failure};
use crate::keyring;

/// A setting of a profile.
pub(crate) struct Setting {
    /// The name in the file.
    pub(crate) name: &'static str,
    /// The environment variable, which wins over the file.
    pub(crate) variable: &'static str,
    /// The security scheme of a secret.
    pub(crate) scheme: Option<&'static str>,
}

const fn plain(name: &'static str, variable: &'static str) -> Setting {
    Setting {
        name,
        variable,
        scheme: None,
    }
}

const fn secret(name: &'static str, variable: &'static str, scheme: &'static str) -> Setting {
    Setting {
        name,
        variable,
        scheme: Some(scheme),
    }
}

/// The variable of the site.
pub(crate) const SITE: &str = "DD_SITE";

/// The variable of the address of a server.
pub(crate) const BASE_URL: &str = "SCOREKIT_BASE_URL";

/// The property of a profile with the names of the settings in the system's keyring.
const KEYRING: &str = "keyring";

/// The settings of a profile.
pub(crate) const SETTINGS: [Setting; 9] = [
    plain("site", SITE),
    plain("base_url", BASE_URL),
    secret("api_key", "DD_API_KEY", datadog::API_KEY_AUTH),
    secret("app_key", "DD_APP_KEY", datadog::APP_KEY_AUTH),
    secret("bearer_token", "DD_BEARER_TOKEN", datadog::AUTH_Z),
    secret("dcycle_api_key", "DCYCLE_API_KEY", dcycle::API_KEY),
    secret("dcycle_bearer_token", "DCYCLE_BEARER_TOKEN", dcycle::BEARER),
    plain("dcycle_organization", "DCYCLE_ORGANIZATION_ID"),
    plain("dcycle_user", "DCYCLE_USER_ID"),
];

/// The profile that is used without `--profile`, `SCOREKIT_PROFILE` and `profile use`.
pub(crate) const DEFAULT_PROFILE: &str = "default";

/// Returns the environment variable of the secret of a security scheme.
pub(crate) fn secret_variable(scheme: &str) -> Option<&'static str> {
    let mut settings = SETTINGS.iter();
    Some(settings.find(|it| it.scheme == Some(scheme))?.variable)
}

/// The settings that apply to a call: the environment over a profile.
pub(crate) struct Settings {
    /// The name of the profile.
    pub(crate) profile: String,
    values: BTreeMap<&'static str, (String, Source)>,
}

/// The source of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Environment,
    Profile,
    Keyring,
}

impl Settings {
    /// Reads the environment and the profile `name`, or the current profile.
    pub(crate) fn read(name: Option<&str>) -> Result<Self, Failure> {
        let file = ProfileFile::read()?;
        let profile = name.map_or_else(|| file.current().to_owned(), str::to_owned);
        if name.is_some() && !file.names().any(|it| it == profile) {
            return Err(unknown_profile(&profile, &file));
        }
        let mut values = BTreeMap::new();
        for setting in &SETTINGS {
            let found = if let Some(value) = environment(setting.variable)? {
                Some((value, Source::Environment))
            } else if let Some(value) = file.get(&profile, setting.name) {
                Some((value, Source::Profile))
            } else if file.in_keyring(&profile).contains(&setting.name) {
                let secret = keyring::get(&profile, setting.name)?;
                secret.map(|it| (it, Source::Keyring))
            } else {
                None
            };
            if let Some(found) = found {
                values.insert(setting.variable, found);
            }
        }
        Ok(Self { profile, values })
    }

    /// Returns the value of a setting and its source.
    pub(crate) fn get(&self, variable: &str) -> Option<(&str, Source)> {
        let (value, source) = self.values.get(variable)?;
        Some((value, *source))
    }

    /// Returns the configuration of a client, with or without the address of a server.
    pub(crate) fn config(&self, ignores_base_url: bool) -> Result<Config, Failure> {
        let get = |name: &str| {
            let is_ignored = ignores_base_url && name == BASE_URL;
            let value = self.get(name).map(|(value, _)| value.to_owned());
            value.filter(|_| !is_ignored)
        };
        Config::from_variables(get).map_err(Failure::configuration)
    }

    /// Returns an error if no secret of Datadog is set.
    pub(crate) fn check_datadog(&self) -> Result<(), Failure> {
        let rules = crate::generated::DOMAINS.iter().flat_map(|it| it.resources);
        let mut operations = rules.flat_map(|it| it.commands).map(|it| it.operation);
        let operation = operations.find(|it| it.server.name == datadog::SERVER);
        operation.map_or(Ok(()), |operation| self.check_credentials(operation))
    }

    /// Returns an error if no secret of an operation is set.
    pub(crate) fn check_credentials(&self, operation: &Operation) -> Result<(), Failure> {
        let is_set = |scheme: &str| {
            let variable = secret_variable(scheme);
            variable.is_some_and(|variable| self.values.contains_key(variable))
        };
        let mut alternatives = operation.security.iter();
        let is_complete = alternatives.any(|schemes| schemes.iter().all(|it| is_set(it.name)));
        if operation.security.is_empty() || is_complete {
            return Ok(());
        }
        let alternatives: Vec<String> = operation
            .security
            .iter()
            .map(|schemes| {
                let variables = schemes.iter().filter_map(|it| secret_variable(it.name));
                variables.collect::<Vec<_>>().join(" and ")
            })
            .collect();
        let message = format!(
            "cannot call {}: credentials are missing: {}",
            operation.id,
            alternatives.join(", or ")
        );
        Err(Failure::new(Exit::Credentials, message)
            .with_help("run `scorekit auth login`, or set these environment variables"))
    }
}

fn environment(variable: &str) -> Result<Option<String>, Failure> {
    match std::env::var(variable) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            let message = format!("cannot read {variable}: it is not valid UTF-8; set it again");
            Err(Failure::usage(message))
        }
    }
}

pub(crate) fn unknown_profile(name: &str, file: &ProfileFile) -> Failure {
    let names: Vec<&str> = file.names().collect();
    let known = match names.is_empty() {
        true => "no profile exists yet; create one with `scorekit auth login`".to_owned(),
        false => format!("the profiles are {}", names.join(", ")),
    };
    Failure::usage(format!(
        "cannot use the profile {name:?}: it does not exist"
    ))
    .with_help(known)
}

/// The file of the profiles.
pub(crate) struct ProfileFile {
    pub(crate) path: PathBuf,
    document: DocumentMut,
}

impl ProfileFile {
    /// Returns the path of the file.
    fn path() -> Result<PathBuf, Failure> {
        if let Some(path) = std::env::var_os("SCOREKIT_CONFIG").filter(|path| !path.is_empty()) {
            return Ok(path.into());
        }
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            let message = format!("cannot find the directory of settings: {error}");
            Failure::failed(message).with_help("set SCOREKIT_CONFIG to the path of a file")
        })?;
        Ok(strategy.config_dir().join("scorekit").join("config.toml"))
    }

    /// Reads the file. A missing one has no profiles.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = Self::path()?;
        let fail = |cause: String| {
            let message = format!("cannot read {}: {cause}", path.display());
            Failure::failed(message).with_help("correct or remove the file")
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(fail(error.to_string())),
        };
        // The message of the parser quotes the line, which may hold a secret.
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let line = error.span().map_or(1, |span| {
                let before = text.get(..span.start).unwrap_or_default();
                before.matches('\n').count() + 1
            });
            fail(format!("line {line} is not valid TOML"))
        })?;
        Ok(Self { path, document })
    }

    /// Returns the name of the profile to use if none is named.
    pub(crate) fn current(&self) -> &str {
        let current = self.document.get("current").and_then(Item::as_str);
        current.unwrap_or(DEFAULT_PROFILE)
    }

    /// Returns the names of the profiles.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let profiles = self.document.get("profiles").and_then(Item::as_table_like);
        let profiles = profiles.into_iter().flat_map(|profiles| profiles.iter());
        profiles.map(|(name, _)| name)
    }

    /// Returns a setting of a profile.
    pub(crate) fn get(&self, profile: &str, name: &str) -> Option<String> {
        let profiles = self.document.get("profiles")?;
        let value = profiles.get(profile)?.get(name)?.as_str()?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    }

    /// Returns the names of the settings of a profile that are in the system's keyring.
    pub(crate) fn in_keyring(&self, profile: &str) -> Vec<&'static str> {
        let profiles = self.document.get("profiles");
        let names = profiles
            .and_then(|it| it.get(profile)?.get(KEYRING)?.as_array())
            .into_iter()
            .flatten();
        let names: Vec<&str> = names.filter_map(|it| it.as_str()).collect();
        let settings = SETTINGS.iter().map(|it| it.name);
        settings.filter(|it| names.contains(it)).collect()
    }

    /// Sets the names of the settings of a profile that are in the system's keyring.
    pub(crate) fn set_in_keyring(&mut self, profile: &str, names: &[&str]) {
        if let Some(table) = self.profile(profile) {
            match names {
                [] => drop(table.remove(KEYRING)),
                names => {
                    drop(table.insert(KEYRING, value(names.iter().copied().collect::<Array>())))
                }
            }
        }
    }

    /// Sets the profile to use if none is named.
    pub(crate) fn set_current(&mut self, profile: &str) {
        self.document["current"] = value(profile);
    }

    /// Sets a setting of a profile. An empty value removes it.
    pub(crate) fn set(&mut self, profile: &str, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path.display().to_string();
        let Some(table) = self.profile(profile) else {
            let message = format!(
                "cannot set {name} in {path}: the profile {profile:?} is not a table there"
            );
            return Err(Failure::failed(message).with_help("correct or remove the file"));
        };
        match text {
            "" => drop(table.remove(name)),
            text => drop(table.insert(name, value(text))),
        }
        Ok(())
    }

    /// Returns the table of a profile, which is created if it does not exist. `None` if something
    /// else has its place in the file.
    fn profile(&mut self, profile: &str) -> Option<&mut dyn TableLike> {
        let root = self.document.as_table_mut();
        let profiles = root.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let entry = profiles.as_table_like_mut()?.entry(profile);
        let table = entry.or_insert_with(|| Item::Table(Table::new()));
        table.as_table_like_mut()
    }

    /// Writes the file so that only its owner can read it. A reader sees the old or the new one.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let directory = self.path.parent().unwrap_or_else(|| Path::new("."));
            fs::create_dir_all(directory)?;
            // A temporary file has the mode 0600.
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(self.document.to_string().as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", self.path.display()))
        })
    }

    /// Returns true if other users can read the file.
    pub(crate) fn is_public(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let metadata = fs::metadata(&self.path);
            metadata.is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        false
    }
}
