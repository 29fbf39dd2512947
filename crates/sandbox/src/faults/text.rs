//! Faults as strings, such as `ListScorecardRules:status=503,count=2`.

use std::fmt;
use std::str::FromStr;

use super::fault::{Effect, Fault};
use crate::options::{OptionParser, SettingError, duration_text, write_operations};

/// The options, for errors.
const HELP: &str = "write one of `status=503`, `html=502`, `cut-off`, `reset`, `drip=20ms` or \
                    `delay=200ms`, then any of `count=2`, `probability=0.1`, `delay=1s`, \
                    `retry-after=2s` and `handled`";

/// Writes the string that [`FromStr`] reads.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_operations(formatter, &self.operations)?;
        let effect = match self.effect {
            Effect::None => None,
            Effect::Status(status) => Some(format!("status={status}")),
            Effect::Html(status) => Some(format!("html={status}")),
            Effect::CutOff => Some("cut-off".to_owned()),
            Effect::Reset => Some("reset".to_owned()),
            Effect::Drip(pause) => Some(format!("drip={}", duration_text(pause))),
        };
        let has_delay = !self.delay.is_zero() || self.effect == Effect::None;
        let options = [
            effect,
            has_delay.then(|| format!("delay={}", duration_text(self.delay))),
            self.times.map(|times| format!("count={times}")),
            // The default is exactly 1.
            (self.probability.to_bits() != 1.0_f64.to_bits())
                .then(|| format!("probability={}", self.probability)),
            self.retry_after
                .map(|pause| format!("retry-after={}", duration_text(pause))),
            self.handled.then(|| "handled".to_owned()),
        ];
        let options: Vec<_> = options.into_iter().flatten().collect();
        formatter.write_str(&options.join(","))
    }
}

/// Reads the string that [`Display`](fmt::Display) writes, with the options in any order.
impl FromStr for Fault {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let parser = OptionParser::new(text);
        let mut fault = Self::new(Effect::None);
        fault.operations.clone_from(&parser.operations);
        let mut effects = Vec::new();
        for &option in &parser.options {
            match option {
                ("status", _) => effects.push(Effect::Status(parser.number(option, "503")?)),
                ("html", _) => effects.push(Effect::Html(parser.number(option, "502")?)),
                ("cut-off", None) => effects.push(Effect::CutOff),
                ("reset", None) => effects.push(Effect::Reset),
                ("drip", _) => effects.push(Effect::Drip(parser.duration(option)?)),
                ("delay", _) => fault.delay = parser.duration(option)?,
                ("count", _) => fault.times = Some(parser.number(option, "2")?),
                ("probability", _) => fault.probability = parser.number(option, "0.1")?,
                ("retry-after", _) => fault.retry_after = Some(parser.duration(option)?),
                ("handled", None) => fault.handled = true,
                (key @ ("cut-off" | "reset" | "handled"), Some(_)) => {
                    return Err(
                        parser.error(format!("`{key}` takes no value; write `{key}` alone"))
                    );
                }
                (key, _) => {
                    return Err(
                        parser.error(format!("`{key}` is not an option of a fault; {HELP}"))
                    );
                }
            }
        }
        match effects[..] {
            [] if fault.delay.is_zero() => {
                return Err(parser.error(format!("it has no effect; {HELP}")));
            }
            [] => {}
            [effect] => fault.effect = effect,
            _ => {
                return Err(parser.error(
                    "it has several effects; write a fault for each, of which the first that \
                     matches applies",
                ));
            }
        }
        Ok(fault)
    }
}
