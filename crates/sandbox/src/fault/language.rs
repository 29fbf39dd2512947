//! Faults as text, such as `ListScorecardRules:status=503,count=2`.

use std::fmt;
use std::str::FromStr;

use super::{Effect, Fault};
use crate::setting::{SettingError, Words, duration_text, write_operations};

/// What can be written, for errors.
const HELP: &str = "write one of `status=503`, `html=502`, `cut-off`, `reset`, `drip=20ms` or `delay=200ms`, and after it \
                    what you need of `count=2`, `probability=0.1`, `delay=1s`, `retry-after=2s` and `handled`";

/// Writes the text that [`FromStr`] reads.
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
        let words = [
            effect,
            has_delay.then(|| format!("delay={}", duration_text(self.delay))),
            self.times.map(|times| format!("count={times}")),
            // Exactly 1 is what stands there when nothing was said.
            (self.probability.to_bits() != 1.0_f64.to_bits())
                .then(|| format!("probability={}", self.probability)),
            self.retry_after
                .map(|pause| format!("retry-after={}", duration_text(pause))),
            self.handled.then(|| "handled".to_owned()),
        ];
        let words: Vec<_> = words.into_iter().flatten().collect();
        formatter.write_str(&words.join(","))
    }
}

/// Reads what [`Display`](fmt::Display) writes; the words after the colon may stand in any order.
impl FromStr for Fault {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let words = Words::read(text);
        let mut fault = Self::new(Effect::None);
        fault.operations.clone_from(&words.operations);
        let mut effects = Vec::new();
        for &word in &words.words {
            match word {
                ("status", _) => effects.push(Effect::Status(words.number(word, "503")?)),
                ("html", _) => effects.push(Effect::Html(words.number(word, "502")?)),
                ("cut-off", None) => effects.push(Effect::CutOff),
                ("reset", None) => effects.push(Effect::Reset),
                ("drip", _) => effects.push(Effect::Drip(words.duration(word)?)),
                ("delay", _) => fault.delay = words.duration(word)?,
                ("count", _) => fault.times = Some(words.number(word, "2")?),
                ("probability", _) => fault.probability = words.number(word, "0.1")?,
                ("retry-after", _) => fault.retry_after = Some(words.duration(word)?),
                ("handled", None) => fault.handled = true,
                (key @ ("cut-off" | "reset" | "handled"), Some(_)) => {
                    return Err(words.error(format!("`{key}` takes no value; write `{key}` alone")));
                }
                (key, _) => {
                    return Err(words.error(format!("`{key}` is no word of a fault; {HELP}")));
                }
            }
        }
        match effects[..] {
            [] if fault.delay.is_zero() => {
                return Err(words.error(format!("it does not say what goes wrong; {HELP}")));
            }
            [] => {}
            [effect] => fault.effect = effect,
            _ => {
                return Err(words.error("one fault does one thing; give several faults, of which the first that fits happens"));
            }
        }
        Ok(fault)
    }
}
