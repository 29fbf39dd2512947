//! Reads the lines of a file, one at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde_json::Value;

use super::fields::{Fields, Record, property};
use super::reports;
use crate::exit::Failure;

/// The longest line of JSON, in bytes.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Jsonl,
    Json,
    Junit,
    Sarif,
}

impl Format {
    pub(super) const NAMES: [&str; 5] = ["csv", "jsonl", "json", "junit", "sarif"];

    fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "json" => Some(Self::Json),
            "junit" | "xml" => Some(Self::Junit),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }

    /// Returns the word for a part of such a file.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Csv | Self::Jsonl => "line",
            Self::Json => "item",
            Self::Junit | Self::Sarif => "outcome",
        }
    }
}

/// The file to read.
pub(super) struct Input {
    file: String,
    pub(super) format: Format,
}

/// Gets each record, with the number of its line or item, or the reason why it is wrong.
pub(super) type Take<'a> = dyn FnMut(u64, Result<Record, String>) -> Result<(), Failure> + 'a;

impl Input {
    pub(super) fn new(file: String, format: Option<&str>) -> Result<Self, Failure> {
        let ending = Path::new(&file).extension();
        let ending = ending.map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let name = format.or(ending.as_deref()).unwrap_or_default();
        let Some(format) = Format::named(name) else {
            return Err(Failure::usage(format!(
                "cannot read {file}: the ending of its name is not that of a known format"
            ))
            .with_help(format!(
                "set --format to one of {}",
                Format::NAMES.join(", ")
            )));
        };
        Ok(Self { file, format })
    }

    /// Returns the path of the journal of this file.
    pub(super) fn default_journal(&self) -> Result<PathBuf, Failure> {
        match self.file.as_str() {
            "-" => Err(Failure::usage("cannot choose a journal for standard input")
                .with_help("name one: --resume=FILE")),
            file => Ok(PathBuf::from(format!("{file}.journal"))),
        }
    }

    /// Reads every record.
    pub(super) fn read(&self, fields: &Fields, take: &mut Take<'_>) -> Result<(), Failure> {
        let mut input: Box<dyn BufRead> = match self.file.as_str() {
            "-" => Box::new(BufReader::new(io::stdin())),
            file => Box::new(BufReader::new(File::open(file).map_err(|error| {
                Failure::usage(format!("cannot read {file}: {error}"))
            })?)),
        };
        match self.format {
            Format::Csv => self.csv(input, fields, take),
            Format::Jsonl => self.jsonl(&mut *input, fields, take),
            Format::Json => self.json(input, fields, take),
            Format::Junit => reports::junit(input, fields, take).map_err(|it| self.wrong(&it)),
            Format::Sarif => reports::sarif(input, fields, take).map_err(|it| self.wrong(&it)),
        }
    }

    fn wrong(&self, cause: &str) -> Failure {
        Failure::usage(format!("cannot read {}: {cause}", self.file))
    }

    fn csv(
        &self,
        input: Box<dyn BufRead>,
        fields: &Fields,
        take: &mut Take<'_>,
    ) -> Result<(), Failure> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let headers = reader
            .headers()
            .map_err(|it| self.wrong(&it.to_string()))?
            .clone();
        if let (1, Some(other)) = (headers.len(), headers.get(0).and_then(separator)) {
            return Err(self.wrong(&format!(
                "its columns are separated by {other}; write commas between them"
            )));
        }
        let count = |name: &str| headers.iter().filter(|it| it.trim() == name).count();
        if let Some(name) = fields.columns().find(|name| count(name) > 1) {
            return Err(self.wrong(&format!("it has several columns {name:?}; keep one")));
        }
        let mut record = csv::StringRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let line = record.position().map_or(line, csv::Position::line);
                    let get = |name: &str| {
                        let column = headers.iter().position(|header| header.trim() == name)?;
                        record.get(column).map(str::to_owned)
                    };
                    take(line, fields.record(&get))?;
                }
                Err(error) if error.is_io_error() => return Err(self.wrong(&error.to_string())),
                Err(error) => take(line, Err(error.to_string()))?,
            }
        }
    }

    fn jsonl(
        &self,
        input: &mut dyn BufRead,
        fields: &Fields,
        take: &mut Take<'_>,
    ) -> Result<(), Failure> {
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            let read = input.take(LONGEST_LINE + 1).read_until(b'\n', &mut text);
            let read = read.map_err(|error| self.wrong(&error.to_string()))?;
            if read == 0 {
                break;
            }
            if text.len() as u64 > LONGEST_LINE {
                let cause = format!("line {line} is longer than {LONGEST_LINE} bytes");
                return Err(self.wrong(&cause));
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            let record = match serde_json::from_slice::<Value>(&text) {
                Ok(object) => fields.record(&|name| property(&object, name)),
                Err(error) => Err(format!("it is not JSON: {error}")),
            };
            take(line, record)?;
        }
        Ok(())
    }

    fn json(
        &self,
        input: Box<dyn BufRead>,
        fields: &Fields,
        take: &mut Take<'_>,
    ) -> Result<(), Failure> {
        let mut failure = None;
        let mut reader = serde_json::Deserializer::from_reader(input);
        let items = Items {
            fields,
            take,
            failure: &mut failure,
        };
        let read = items.deserialize(&mut reader).and_then(|()| reader.end());
        match (failure, read) {
            (Some(failure), _) => Err(failure),
            (None, Err(error)) => Err(self.wrong(&format!("it is not a list in JSON: {error}"))),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// Returns the name of the character that separates columns instead of commas.
fn separator(header: &str) -> Option<&'static str> {
    let others = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
    others
        .into_iter()
        .find(|(it, _)| header.contains(*it))
        .map(|(_, name)| name)
}

/// Takes the items of a JSON list while it is read.
struct Items<'a, 'b> {
    fields: &'a Fields,
    take: &'a mut Take<'b>,
    failure: &'a mut Option<Failure>,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of outcomes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for number in 1.. {
            let Some(object) = items.next_element::<Value>()? else {
                break;
            };
            let record = self.fields.record(&|name| property(&object, name));
            if let Err(failure) = (self.take)(number, record) {
                *self.failure = Some(failure);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
