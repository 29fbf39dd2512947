//! Tables and CSV.

use std::io::Write;

use anstyle::Style;
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Width};
use serde_json::Value;

use super::row::Row;
use crate::exit::Failure;

/// The widest cell of a table on a terminal, in columns.
const WIDEST: u16 = 60;

/// The narrowest column that is still useful, in columns.
const NARROWEST: u16 = 8;

/// The columns that come first.
const FIRST: [&str; 4] = ["id", "key", "name", "title"];

/// The columns of a table, and their widths once they are known.
pub(super) struct Table {
    columns: Vec<String>,
    /// The width of the terminal; `None` if the output is not one.
    width: Option<u16>,
    is_styled: bool,
    /// True if a long cell has several lines. Otherwise it is cut.
    pub(super) wraps: bool,
    widths: Option<Vec<u16>>,
}

/// The choice of columns.
#[derive(Clone, Copy, Default)]
pub(super) struct Columns<'a> {
    /// The columns that the user chose.
    pub(super) wanted: &'a [String],
    /// The columns to show if the user chose none.
    pub(super) preferred: &'a [&'a str],
    /// True for CSV, which has all columns.
    pub(super) with_compounds: bool,
}

impl Table {
    /// Chooses the columns from the first rows: those that were asked for, or the simple ones that
    /// are not empty in every row.
    pub(super) fn new(
        rows: &[Row],
        columns: &Columns<'_>,
        width: Option<u16>,
        is_styled: bool,
    ) -> Result<Self, Failure> {
        let wanted = columns.wanted;
        let mut names: Vec<&str> = Vec::new();
        let mut all: Vec<&str> = Vec::new();
        for row in rows {
            for name in row.names() {
                if !all.contains(&name) {
                    all.push(name);
                }
            }
            for name in row.simple_names() {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let wrong = wanted.iter().find(|it| !all.contains(&it.as_str()));
        if let Some(wrong) = wrong.filter(|_| !rows.is_empty()) {
            let message = format!("cannot print the column {wrong:?}: no item has it");
            return Err(
                Failure::usage(message).with_help(format!("the columns are {}", all.join(", ")))
            );
        }
        // What identifies an item comes first, so that a narrow terminal shows it.
        let rank = |name: &&str| FIRST.iter().position(|it| it == name);
        names.sort_by_key(|name| rank(name).unwrap_or(FIRST.len()));
        let is_empty = |name: &str| rows.iter().all(|row| row.text(name).is_empty());
        if columns.preferred.iter().any(|it| names.contains(it)) {
            names = columns.preferred.to_vec();
        }
        names.retain(|name| !is_empty(name));
        // A table of identifiers alone would hide what the items hold.
        if names.iter().all(|it| *it == "id") {
            names = all.iter().copied().filter(|name| !is_empty(name)).collect();
        }
        let columns = match (wanted.is_empty(), columns.with_compounds) {
            (false, _) => wanted.to_vec(),
            (true, true) => all.into_iter().map(str::to_owned).collect(),
            (true, false) => names.into_iter().map(str::to_owned).collect(),
        };
        let mut table = Self {
            columns,
            width,
            is_styled,
            wraps: false,
            widths: None,
        };
        if wanted.is_empty() {
            table.drop_columns_that_do_not_fit(rows);
        }
        Ok(table)
    }

    /// Keeps as many columns as a terminal has room for, if each is as narrow as it can be. The
    /// first one names the row, so it stays whole if that leaves room for another.
    fn drop_columns_that_do_not_fit(&mut self, rows: &[Row]) {
        let (Some(width), Some(first)) = (self.width, self.columns.first()) else {
            return;
        };
        let texts = rows.iter().map(|row| row.text(first));
        let widths = texts.chain([heading(first)]).map(|it| it.chars().count());
        let whole = widths.max().unwrap_or_default() + 2;
        let (width, narrow) = (usize::from(width), usize::from(NARROWEST) + 2);
        let fits = whole <= usize::from(WIDEST) + 2 && whole + narrow <= width;
        let fitting = match fits {
            true => 1 + (width - whole) / narrow,
            false => width / narrow,
        };
        self.columns.truncate(fitting.max(1));
    }

    /// Writes rows. The first call writes the header, too.
    pub(super) fn write(&mut self, rows: &[Row], writer: &mut impl Write) -> Result<(), Failure> {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        let is_first = self.widths.is_none();
        if is_first {
            table.set_header(self.columns.iter().map(|name| heading(name)));
        }
        for row in rows {
            let mut cells = comfy_table::Row::new();
            if !self.wraps {
                cells.max_height(1);
            }
            for column in &self.columns {
                cells.add_cell(Cell::new(row.text(column)));
            }
            table.add_row(cells);
        }
        self.constrain(&mut table);
        for (index, line) in table.lines().enumerate() {
            // The style has no borders but a blank on each side of a cell.
            let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
            match is_first && index == 0 && self.is_styled {
                true => {
                    let bold = Style::new().bold();
                    writeln!(writer, "{bold}{line}{bold:#}")?;
                }
                false => writeln!(writer, "{line}")?,
            }
        }
        Ok(())
    }

    /// Sets the widths of the columns to those of the first rows.
    fn constrain(&mut self, table: &mut comfy_table::Table) {
        let widths = self.widths.get_or_insert_with(|| {
            let widths = table.column_max_content_widths();
            widths.into_iter().map(|it| it.max(1)).collect()
        });
        // The first column names the row, so it is whole if the others still have room.
        let narrow = widths.iter().skip(1).map(|it| (*it).min(NARROWEST) + 2);
        let first = widths.first().copied().unwrap_or_default();
        let least = narrow.fold(first.saturating_add(2), u16::saturating_add);
        let is_first_whole = first <= WIDEST && self.width.is_some_and(|width| least <= width);
        let constraints = widths
            .iter()
            .enumerate()
            .map(|(index, width)| match self.width {
                Some(_) if index == 0 && is_first_whole => {
                    ColumnConstraint::Absolute(Width::Fixed(*width + 2))
                }
                Some(_) => ColumnConstraint::UpperBoundary(Width::Fixed((*width).min(WIDEST) + 2)),
                None => ColumnConstraint::Absolute(Width::Fixed(width.saturating_add(2))),
            });
        table.set_constraints(constraints.collect::<Vec<_>>());
    }

    /// Writes rows as CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)). The first call
    /// writes the header, too.
    pub(super) fn write_csv(
        &mut self,
        rows: &[Row],
        writer: &mut impl Write,
    ) -> Result<(), Failure> {
        let mut csv = csv::WriterBuilder::new().from_writer(writer);
        let failed = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Failure::from(error),
            other => Failure::failed(format!("cannot write CSV: {other:?}")),
        };
        if self.widths.is_none() {
            self.widths = Some(Vec::new());
            let names = self.columns.iter().map(|name| no_formula(name.clone()));
            csv.write_record(names).map_err(failed)?;
        }
        for row in rows {
            let cells = self.columns.iter().map(|column| match row.get(column) {
                // A number cannot be a formula.
                Some(Value::Number(number)) => number.to_string(),
                _ => no_formula(row.text(column)),
            });
            csv.write_record(cells).map_err(failed)?;
        }
        Ok(csv.flush()?)
    }
}

/// Returns the heading of a column: `created_at` becomes `CREATED AT`.
fn heading(name: &str) -> String {
    super::clean::clean_line(name)
        .replace('_', " ")
        .to_uppercase()
}

/// The characters with which a formula begins. Spreadsheets read the wide forms like the others.
const FORMULA: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Puts a quotation mark before a text that spreadsheets would read as a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn no_formula(text: String) -> String {
    match text.starts_with(FORMULA) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_of_a_row_is_whole_on_a_narrow_terminal() {
        let item = json!({ "key": "PLATFORM-221", "title": "word ".repeat(9), "state": "Open",
            "priority": "NOT_DEFINED", "created_at": "2026-12-04T04:10:39.667Z" });
        let rows = [Row::of(&item)];
        let table = Table::new(&rows, &Columns::default(), Some(60), false);
        let mut text = Vec::new();
        let mut table = table.expect("a table");
        table.write(&rows, &mut text).expect("a text");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(text.contains("PLATFORM-221"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        // A UUID leaves less room for the others.
        let id = "5b0c3f5e-41d7-4a37-9c55-0d2f7a9be1c4";
        let texts = ["name", "a", "b", "c", "d", "e"].map(|name| (name, "word ".repeat(9)));
        let mut item = json!({ "id": id });
        for (name, text) in texts {
            item[name] = text.into();
        }
        let rows = [Row::of(&item)];
        let table = Table::new(&rows, &Columns::default(), Some(80), false);
        let mut text = Vec::new();
        table
            .expect("a table")
            .write(&rows, &mut text)
            .expect("a text");
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(text.contains(id), "{text}");
        assert!(text.contains("NAME"), "{text}");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let wide = "word ".repeat(40);
        let item = json!({ "id": "r-1", "attributes": {
            "name": wide, "a": wide, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5, "g": 6,
        }});
        let rows: Vec<Row> = (0..3).map(|_| Row::of(&item)).collect();
        for width in [20, 40, 80, 200] {
            let table = Table::new(&rows, &Columns::default(), Some(width), false);
            let mut text = Vec::new();
            let mut table = table.expect("a table");
            table.write(&rows, &mut text).expect("a text");
            // A later part of a list has the same columns.
            table.write(&rows, &mut text).expect("a text");
            let text = String::from_utf8(text).expect("UTF-8");
            assert_eq!(text.lines().count(), 7, "{text}");
            for line in text.lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
        }
    }
}
