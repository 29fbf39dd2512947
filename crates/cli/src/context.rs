//! The state that every command shares: the global flags, the output, the settings and the client.

use std::io::{self, Write as _};
use std::time::Duration;

use clap::{ArgAction, ArgMatches, Command};
#[cfg(feature = "sandbox")]
use scorekit::Config;
use scorekit::runtime::{Operation, Request};
use scorekit::{Client, Error, Response};

use crate::commands::{argument, whole};
use crate::exit::Failure;
use crate::interrupt;
use crate::log::Log;
use crate::output::{Format, Output, Printer, clean_text, json_line};
use crate::settings::{BASE_URL, SITE, Settings};

/// The product in the header `User-Agent`.
const PRODUCT: &str = concat!("scorekit-cli/", env!("CARGO_PKG_VERSION"));

/// The global flags and the state of a run.
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) profile: Option<String>,
    pub(crate) quiet: bool,
    pub(crate) log: Log,
    site: Option<String>,
    base_url: Option<String>,
    timeout: Option<Duration>,
}

/// Adds the flags that every command has.
pub(crate) fn global_flags(command: Command) -> Command {
    let global = |name: &'static str| argument(name).global(true).help_heading("Global options");
    let format = global("output").short('o').value_name("FORMAT");
    command
        .arg(
            format
                .value_parser(Format::NAMES)
                .help("Format of the output"),
        )
        .arg(
            global("columns")
                .value_name("NAMES")
                .value_delimiter(',')
                .help("Columns of a table or of CSV, such as id,name"),
        )
        .arg(
            global("jq")
                .value_name("EXPRESSION")
                .help("Filter the JSON output with an expression of jq"),
        )
        .arg(
            global("quiet")
                .short('q')
                .action(ArgAction::SetTrue)
                .help("Print no progress and no hints"),
        )
        .arg(
            global("verbose")
                .short('v')
                .action(ArgAction::Count)
                .help("Print each request; -vv with its headers, -vvv with its body"),
        )
        .arg(
            global("no-color")
                .action(ArgAction::SetTrue)
                .help("Print no colors; so does the variable NO_COLOR"),
        )
        .arg(
            global("profile")
                .value_name("NAME")
                .help("Profile to use; see `scorekit profile` [env: SCOREKIT_PROFILE]"),
        )
        .arg(
            global("site")
                .value_name("SITE")
                .help("Datadog site, such as us5 or datadoghq.eu [env: DD_SITE]"),
        )
        .arg(global("base-url").value_name("URL").help(
            "Server to use instead of the vendors', such as a sandbox [env: SCOREKIT_BASE_URL]",
        ))
        .arg(
            global("timeout")
                .value_name("SECONDS")
                .value_parser(whole(1..=u64::MAX))
                .help("Time limit of a call with its retries"),
        )
}

impl Context {
    /// Reads the global flags.
    pub(crate) fn new(matches: &ArgMatches) -> Result<Self, Failure> {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let columns = matches.get_many::<String>("columns");
        let from_environment = std::env::var("SCOREKIT_PROFILE").ok();
        Ok(Self {
            output: Output {
                format: text("output").as_deref().map(Format::named),
                columns: columns.into_iter().flatten().cloned().collect(),
                preferred: &[],
                jq: text("jq"),
                no_color: matches.get_flag("no-color"),
                quiet: matches.get_flag("quiet"),
            },
            profile: text("profile").or(from_environment.filter(|it| !it.is_empty())),
            quiet: matches.get_flag("quiet"),
            log: Log::new(matches.get_count("verbose")),
            site: text("site"),
            base_url: text("base-url"),
            timeout: matches
                .get_one::<u64>("timeout")
                .map(|it| Duration::from_secs(*it)),
        })
    }

    /// Returns the printer of the output.
    pub(crate) fn printer(&self) -> Result<Printer, Failure> {
        Printer::new(&self.output)
    }

    /// Reads the settings: the environment over the profile.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Settings::read(self.profile.as_deref())
    }

    /// Returns the flag that wins over a setting.
    pub(crate) fn flag(&self, variable: &str) -> Option<&str> {
        match variable {
            SITE => self.site.as_deref(),
            BASE_URL => self.base_url.as_deref(),
            _ => None,
        }
    }

    /// Names the flag instead of the variable that it wins over, in an error of a setting.
    pub(crate) fn naming_flags(&self, mut failure: Failure) -> Failure {
        for (variable, flag) in [(BASE_URL, "--base-url"), (SITE, "--site")] {
            if let Some(rest) = failure.message.strip_prefix(variable)
                && self.flag(variable).is_some()
            {
                failure.message = format!("{flag}{rest}");
            }
        }
        failure
    }

    /// Creates a client with the settings and the flags over them.
    pub(crate) fn client(&self, settings: &Settings) -> Result<Client, Failure> {
        // A site on the command line wins over an address of the environment or the profile.
        let mut config = settings.config(self.site.is_some())?.user_agent(PRODUCT);
        if self.log.is_on() {
            config = config.hook(self.log);
        }
        let mut builder = Client::builder().config(config);
        if let Some(site) = &self.site {
            builder = builder.site(site.as_str());
        }
        if let Some(url) = &self.base_url {
            builder = builder.base_url(url);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        let built = builder.build();
        built.map_err(|error| self.naming_flags(Failure::configuration(error)))
    }

    /// Returns the configuration of a client of a sandbox's control API, which takes no
    /// credentials.
    #[cfg(feature = "sandbox")]
    pub(crate) fn control_config(&self, settings: &Settings) -> Config {
        let mut config = Config::new().user_agent(PRODUCT);
        if self.log.is_on() {
            config = config.hook(self.log);
        }
        let (set, _) = settings.get(BASE_URL).unzip();
        if let Some(url) = self.base_url.as_deref().or(set) {
            config = config.base_url(url);
        }
        match self.timeout {
            Some(timeout) => config.timeout(timeout),
            None => config,
        }
    }

    /// Prints a line of prose to standard error, unless `--quiet` is set.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{}", clean_text(text));
        }
    }

    /// Prints a line about something that failed to standard error. `--quiet` hides no error.
    pub(crate) fn warn(&self, text: &str) {
        if self.output.is_json() {
            let warning = serde_json::json!({ "warning": { "message": text } });
            let _ = writeln!(io::stderr(), "{}", json_line(&warning));
            return;
        }
        let _ = writeln!(io::stderr(), "{}", clean_text(text));
    }

    /// Sends a request, until Ctrl-C.
    pub(crate) async fn send(
        &self,
        settings: &Settings,
        operation: &Operation,
        request: Request<serde_json::Value>,
    ) -> Result<Response<serde_json::Value>, Failure> {
        self.answer(settings, operation, request.send()).await
    }

    /// Awaits the response to a request, until Ctrl-C.
    pub(crate) async fn answer<T>(
        &self,
        settings: &Settings,
        operation: &Operation,
        response: impl Future<Output = Result<Response<T>, Error>>,
    ) -> Result<Response<T>, Failure> {
        settings.check_credentials(operation)?;
        tokio::select! {
            response = response => Ok(response?),
            () = interrupt::interrupted() => {
                let message = format!(
                    "interrupted: {} was not finished; the server may have processed it",
                    operation.id
                );
                Err(Failure::interrupted(message))
            }
        }
    }
}
