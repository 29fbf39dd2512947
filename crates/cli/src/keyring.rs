//! The keyring of the system, for the credentials of a profile: Keychain on macOS, the Credential
//! Manager on Windows, and the Secret Service elsewhere.
//!
//! A profile with `keyring = true` has its secrets there, each under the service `scorekit` and the
//! name `PROFILE/SETTING`. Without the feature `keyring`, such a profile is an error.

use crate::exit::Failure;

/// The name of the service that all entries have.
#[cfg(feature = "keyring")]
const SERVICE: &str = "scorekit";

/// Returns a secret; `None` if the keyring does not have it.
#[cfg(feature = "keyring")]
pub(crate) fn get(profile: &str, setting: &str) -> Result<Option<String>, Failure> {
    match entry(profile, setting)?.get_password() {
        Ok(secret) => Ok(Some(secret)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(cannot("read", profile, setting, &error)),
    }
}

/// Stores a secret in place of an earlier one.
#[cfg(feature = "keyring")]
pub(crate) fn set(profile: &str, setting: &str, secret: &str) -> Result<(), Failure> {
    let stored = entry(profile, setting)?.set_password(secret);
    stored.map_err(|error| cannot("store", profile, setting, &error))
}

/// Removes a secret, if it is there.
#[cfg(feature = "keyring")]
pub(crate) fn remove(profile: &str, setting: &str) -> Result<(), Failure> {
    match entry(profile, setting)?.delete_credential() {
        Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
        Err(error) => Err(cannot("remove", profile, setting, &error)),
    }
}

/// Returns the place of a secret. A test sets a store of its own first.
#[cfg(feature = "keyring")]
fn entry(profile: &str, setting: &str) -> Result<keyring_core::Entry, Failure> {
    if keyring_core::get_default_store().is_none()
        && let Err(error) = ::keyring::Entry::store_status()
    {
        return Err(cannot("reach", profile, setting, error));
    }
    let entry = keyring_core::Entry::new(SERVICE, &format!("{profile}/{setting}"));
    entry.map_err(|error| cannot("reach", profile, setting, &error))
}

/// Returns the error of an action. The library's errors have no secret, except one of a secret that
/// is not text, whose `Display` does not show it.
#[cfg(feature = "keyring")]
fn cannot(verb: &str, profile: &str, setting: &str, error: &keyring_core::Error) -> Failure {
    Failure::failed(format!(
        "cannot {verb} {setting} of the profile {profile:?} in the system's keyring: {error}"
    ))
    .with_help(
        "start and unlock the keyring, or store the credentials in the file: `scorekit auth login`",
    )
}

/// Returns an error, because this program cannot use the keyring.
#[cfg(not(feature = "keyring"))]
pub(crate) fn get(profile: &str, setting: &str) -> Result<Option<String>, Failure> {
    Err(missing(profile, setting))
}

/// Returns an error, because this program cannot use the keyring.
#[cfg(not(feature = "keyring"))]
pub(crate) fn set(profile: &str, setting: &str, _secret: &str) -> Result<(), Failure> {
    let message = format!(
        "cannot store {setting} of the profile {profile:?} in the system's keyring: this program \
         was built without the feature `keyring`"
    );
    Err(Failure::failed(message)
        .with_help("install scorekit-cli with `--features keyring`, or leave out --keyring"))
}

/// Returns an error, because this program cannot use the keyring.
#[cfg(not(feature = "keyring"))]
pub(crate) fn remove(profile: &str, setting: &str) -> Result<(), Failure> {
    Err(missing(profile, setting))
}

#[cfg(not(feature = "keyring"))]
fn missing(profile: &str, setting: &str) -> Failure {
    Failure::failed(format!(
        "cannot use {setting} of the profile {profile:?}: it is in the system's keyring, and this \
         program was built without the feature `keyring`"
    ))
    .with_help("install scorekit-cli with `--features keyring`, or run `scorekit auth login`")
}

#[cfg(all(test, feature = "keyring"))]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_stored_read_and_removed() {
        let store = keyring_core::mock::Store::new().expect("a store");
        keyring_core::set_default_store(store);
        assert_eq!(get("work", "api_key").expect("a keyring"), None);
        set("work", "api_key", "first").expect("a keyring");
        set("work", "api_key", "second").expect("a keyring");
        set("home", "api_key", "other").expect("a keyring");
        let secret = get("work", "api_key").expect("a keyring");
        assert_eq!(secret.as_deref(), Some("second"));
        remove("work", "api_key").expect("a keyring");
        remove("work", "api_key").expect("a keyring");
        assert_eq!(get("work", "api_key").expect("a keyring"), None);
        let other = get("home", "api_key").expect("a keyring");
        assert_eq!(other.as_deref(), Some("other"));
        let entry = entry("home", "api_key").expect("an entry");
        let mock: &keyring_core::mock::Cred = entry.as_any().downcast_ref().expect("a mock");
        mock.set_error(keyring_core::Error::NoEntry);
        assert_eq!(get("home", "api_key").expect("a keyring"), None);
        let locked = keyring_core::Error::NoStorageAccess("it is locked".into());
        mock.set_error(locked);
        let failure = get("home", "api_key").expect_err("an error");
        assert!(
            failure.message.starts_with("cannot read api_key of"),
            "{failure}"
        );
        assert!(failure.help.is_some_and(|it| it.contains("unlock")));
    }
}
