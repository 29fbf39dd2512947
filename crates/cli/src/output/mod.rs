//! The output of data: formats, columns and filters. Data goes to standard output and nothing else
//! does.

mod clean;
mod jq;
mod row;
mod table;

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use serde_json::Value;

pub(crate) use self::clean::{clean_line, clean_text, is_unsafe, json_line, json_pretty};
use self::jq::Filter;
pub(crate) use self::row::Row;
use self::table::{Columns, Table};
use crate::exit::Failure;
use crate::yaml;

/// The number of rows after which the widths of a table's columns are final.
const BATCH: usize = 500;

/// A format of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Table,
    Json,
    Jsonl,
    Yaml,
    Csv,
    Name,
}

impl Format {
    pub(crate) const NAMES: [&str; 6] = ["table", "json", "jsonl", "yaml", "csv", "name"];

    /// Returns the format of this name, which the parser of the arguments has checked.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "json" => Self::Json,
            "jsonl" => Self::Jsonl,
            "yaml" => Self::Yaml,
            "csv" => Self::Csv,
            "name" => Self::Name,
            _ => Self::Table,
        }
    }
}

/// Returns true if the environment permits colors: `NO_COLOR` is empty or not set
/// (<https://no-color.org>), and the terminal is not a dumb one.
pub(crate) fn allows_color() -> bool {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    variable("NO_COLOR").is_empty() && variable("TERM") != "dumb"
}

/// Prints a line of prose.
pub(crate) fn print_line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    Ok(stdout.flush()?)
}

/// The flags of the output.
pub(crate) struct Output {
    pub(crate) format: Option<Format>,
    pub(crate) columns: Vec<String>,
    /// The columns of a table if no others are chosen. Those that no item has are left out.
    pub(crate) preferred: &'static [&'static str],
    pub(crate) jq: Option<String>,
    pub(crate) no_color: bool,
    pub(crate) quiet: bool,
}

impl Output {
    /// Returns true if a command may print text that is made for people, because no flag asks for
    /// another form.
    pub(crate) fn is_prose(&self) -> bool {
        self.format.is_none() && self.jq.is_none() && self.columns.is_empty()
    }

    /// Returns true if programs read the output, so that messages are JSON, too.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.format, Some(Format::Json | Format::Jsonl))
    }
}

/// Prints values in the format of the output, as they come.
pub(crate) struct Printer {
    format: Format,
    columns: Vec<String>,
    preferred: &'static [&'static str],
    filter: Option<Filter>,
    writer: BufWriter<Stdout>,
    is_styled: bool,
    width: Option<u16>,
    /// The rows whose columns are not known yet.
    waiting: Vec<Row>,
    table: Option<Table>,
    /// The number of items of a list that were printed.
    count: usize,
    /// True if a table without rows is explained.
    says_empty: bool,
    /// True if a long cell of a table has several lines.
    wraps: bool,
}

impl Printer {
    pub(crate) fn new(output: &Output) -> Result<Self, Failure> {
        let format = output.format.unwrap_or(Format::Table);
        let is_tabular = matches!(format, Format::Table | Format::Csv);
        if !output.columns.is_empty() && (!is_tabular || output.jq.is_some()) {
            return Err(
                Failure::usage("cannot use --columns: it needs a table or CSV")
                    .with_help("leave it out, or use `-o table` or `-o csv` without --jq"),
            );
        }
        if output.jq.is_some() && matches!(format, Format::Csv | Format::Name) {
            return Err(Failure::usage("cannot use --jq: it filters JSON")
                .with_help("leave it out, or use `-o json`, `-o jsonl` or `-o yaml`"));
        }
        let filter = output.jq.as_deref().map(Filter::compile).transpose()?;
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        let is_styled = is_terminal && !output.no_color && allows_color();
        let width = terminal_size::terminal_size().filter(|_| is_terminal);
        Ok(Self {
            format,
            columns: output.columns.clone(),
            preferred: output.preferred,
            filter,
            writer: BufWriter::new(stdout),
            is_styled,
            width: width.map(|(width, _)| width.0),
            waiting: Vec::new(),
            table: None,
            count: 0,
            says_empty: format == Format::Table && !output.quiet,
            wraps: false,
        })
    }

    /// Prints nothing about an empty table, because the command says more about it, or because the
    /// list was not read to its end.
    pub(crate) fn without_note(mut self) -> Self {
        self.says_empty = false;
        self
    }

    /// Shows long cells of a table in several lines on a narrow terminal, instead of cutting them.
    pub(crate) fn wrapped(mut self) -> Self {
        self.wraps = true;
        self
    }

    /// Prints a whole response. `rows` takes its items out of it, for the formats of rows.
    pub(crate) fn document(
        mut self,
        document: &Value,
        rows: impl FnOnce(&Value) -> Vec<Value>,
    ) -> Result<(), Failure> {
        match self.format {
            _ if self.filter.is_some() => self.filtered(document)?,
            Format::Json => writeln!(self.writer, "{}", json_pretty(document))?,
            Format::Yaml => self.write_yaml(document)?,
            Format::Table | Format::Csv | Format::Name | Format::Jsonl => {
                for row in rows(document) {
                    self.row(row)?;
                }
                return self.finish_rows();
            }
        }
        Ok(self.writer.flush()?)
    }

    /// Prints an item of a list.
    pub(crate) fn item(&mut self, item: Value) -> Result<(), Failure> {
        match self.format {
            _ if self.filter.is_some() => self.filtered(&item),
            Format::Json => {
                let separator = if self.count == 0 { "[\n" } else { ",\n" };
                self.count += 1;
                let text = json_pretty(&item).replace('\n', "\n  ");
                Ok(write!(self.writer, "{separator}  {text}")?)
            }
            Format::Yaml => {
                self.count += 1;
                self.write_yaml(&Value::Array(vec![item]))
            }
            Format::Table | Format::Csv | Format::Name | Format::Jsonl => self.row(item),
        }
    }

    /// Makes what was printed so far visible, for instance after a page.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }

    /// Ends a list.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        match self.format {
            _ if self.filter.is_some() => {}
            Format::Json if self.count == 0 => writeln!(self.writer, "[]")?,
            Format::Json => writeln!(self.writer, "\n]")?,
            Format::Yaml if self.count == 0 => writeln!(self.writer, "[]")?,
            Format::Yaml => {}
            Format::Table | Format::Csv | Format::Name | Format::Jsonl => {
                return self.finish_rows();
            }
        }
        Ok(self.writer.flush()?)
    }

    fn row(&mut self, item: Value) -> Result<(), Failure> {
        match self.format {
            Format::Jsonl => Ok(writeln!(self.writer, "{}", json_line(&item))?),
            Format::Name => match Row::of(&item).name() {
                Some(name) => Ok(writeln!(self.writer, "{name}")?),
                None => Ok(()),
            },
            _ => {
                self.says_empty = false;
                self.waiting.push(Row::of(&item));
                if self.waiting.len() >= BATCH {
                    self.write_rows()?;
                }
                Ok(())
            }
        }
    }

    fn finish_rows(mut self) -> Result<(), Failure> {
        self.write_rows()?;
        self.writer.flush()?;
        if self.says_empty {
            let _ = writeln!(io::stderr(), "nothing to show: the list is empty");
        }
        Ok(())
    }

    /// Writes the rows that wait. The first ones decide on the columns.
    fn write_rows(&mut self) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() && self.columns.is_empty() {
            return Ok(());
        }
        let is_csv = self.format == Format::Csv;
        if self.table.is_none() {
            let width = self.width.filter(|_| !is_csv);
            let columns = Columns {
                wanted: &self.columns,
                preferred: self.preferred,
                with_compounds: is_csv,
            };
            let mut table = Table::new(&rows, &columns, width, self.is_styled)?;
            table.wraps = self.wraps;
            self.table = Some(table);
        }
        if let Some(table) = &mut self.table {
            match is_csv {
                true => table.write_csv(&rows, &mut self.writer)?,
                false => table.write(&rows, &mut self.writer)?,
            }
        }
        Ok(())
    }

    fn write_yaml(&mut self, value: &Value) -> Result<(), Failure> {
        let mut text = String::new();
        yaml::write(&mut text, value);
        Ok(write!(self.writer, "{text}")?)
    }

    /// Prints the results of the filter, one after the other.
    fn filtered(&mut self, value: &Value) -> Result<(), Failure> {
        let Some(filter) = &self.filter else {
            return Ok(());
        };
        let results = filter.run(value)?;
        for result in results {
            match (self.format, &result) {
                (Format::Table, Value::String(text)) => {
                    writeln!(self.writer, "{}", clean_text(text))?;
                }
                (Format::Json, result) => writeln!(self.writer, "{}", json_pretty(result))?,
                (Format::Yaml, result) => self.write_yaml(result)?,
                (_, result) => writeln!(self.writer, "{}", json_line(result))?,
            }
        }
        Ok(())
    }
}
