//! Diagnostics about a document. Each has a message, a place and a way to fix the problem, and is
//! rendered with an excerpt of the source.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

/// A file of the document, kept so that a diagnostic can show the line it points at.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as the user wrote it, or relative to the workspace.
    pub path: PathBuf,
    /// The whole content.
    pub text: String,
    /// The byte offset at which each line starts.
    line_starts: Vec<usize>,
    /// The byte offsets that [`SourceFile::marks`] returns. A diagnostic counts characters from the
    /// one before its place, because a file on one line is long and its diagnostics are many.
    marks: OnceLock<Vec<usize>>,
}

/// The number of characters from one mark to the next.
const BETWEEN_MARKS: usize = 1_024;

impl SourceFile {
    /// Keeps `text` as the content of the file at `path`.
    pub fn new(path: PathBuf, text: String) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Self {
            path,
            text,
            line_starts,
            marks: OnceLock::new(),
        }
    }

    /// Returns the byte range of `length` characters from `line` and `column`, which both count
    /// from 1. The range stops at the end of the line.
    fn range(&self, line: usize, column: usize, length: usize) -> std::ops::Range<usize> {
        let line = line.saturating_sub(1);
        let before = column.saturating_sub(1);
        let from = self.offset(line, before);
        from..self.offset(line, before.saturating_add(length))
    }

    /// Returns the byte offset after the first `characters` of a line, or the end of the line.
    fn offset(&self, line: usize, characters: usize) -> usize {
        let Some(&start) = self.line_starts.get(line) else {
            return self.text.len();
        };
        let end = self.line_starts.get(line + 1).copied();
        let line = self.text.get(start..end.unwrap_or(self.text.len()));
        let line = line.unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let character = self.characters_before(start).saturating_add(characters);
        self.offset_of(character).min(start + line.len())
    }

    /// Returns the number of characters before a byte offset.
    fn characters_before(&self, offset: usize) -> usize {
        let marks = self.marks();
        let mark = marks.partition_point(|mark| *mark <= offset) - 1;
        let rest = self.text.get(marks[mark]..offset).unwrap_or_default();
        mark * BETWEEN_MARKS + rest.chars().count()
    }

    /// Returns the byte offset of a character, or the end of the file.
    fn offset_of(&self, character: usize) -> usize {
        let marks = self.marks();
        let mark = (character / BETWEEN_MARKS).min(marks.len() - 1);
        let rest = self.text.get(marks[mark]..).unwrap_or_default();
        let mut characters = rest.char_indices();
        characters
            .nth(character - mark * BETWEEN_MARKS)
            .map_or(self.text.len(), |(at, _)| marks[mark] + at)
    }

    /// Returns the byte offset of every [`BETWEEN_MARKS`]th character, from the first.
    fn marks(&self) -> &[usize] {
        self.marks.get_or_init(|| {
            let offsets = self.text.char_indices().map(|(at, _)| at);
            let mut marks: Vec<_> = offsets.step_by(BETWEEN_MARKS).collect();
            if marks.is_empty() {
                marks.push(0);
            }
            marks
        })
    }
}

/// A place in a file of the document.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    // Every value and key of a document has a place, so it is small.
    line: u32,
    column: u32,
    length: u32,
}

impl Location {
    /// Creates the place of `length` characters at a line and column, both from 1.
    pub fn new(file: &Arc<SourceFile>, line: usize, column: usize, length: usize) -> Self {
        // A file of more characters would not fit in memory as a tree.
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            file: Arc::clone(file),
            line: small(line),
            column: small(column),
            length: small(length),
        }
    }

    /// Returns the line, from 1.
    pub fn line(&self) -> usize {
        usize::try_from(self.line).unwrap_or(usize::MAX)
    }

    /// Returns the column in characters, from 1.
    pub fn column(&self) -> usize {
        usize::try_from(self.column).unwrap_or(usize::MAX)
    }

    /// Returns the number of characters to mark.
    pub fn length(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }

    /// Returns true if both are the same place of the same file.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let place = |it: &Self| (it.line, it.column, it.length);
        Arc::ptr_eq(&self.file, &other.file) && place(self) == place(other)
    }

    /// Returns the file, line and column, which compare and order places.
    pub fn key(&self) -> (&Path, usize, usize) {
        (&self.file.path, self.line(), self.column())
    }

    /// Returns the character at the place, which is absent at the end of a line.
    pub fn character(&self) -> Option<char> {
        let range = self.file.range(self.line(), self.column(), 1);
        self.file.text.get(range)?.chars().next()
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}:{}",
            self.file.path.display(),
            self.line(),
            self.column()
        )
    }
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Severity {
    /// The document contradicts itself, or the generator cannot use it.
    #[default]
    Error,
    /// The generator can use the document, but its readers or users get less than they should.
    Warning,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A problem in a document, with a way to fix it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The id of the rule of `cargo xtask lint` that found the problem. Absent where the document
    /// cannot be used at all.
    pub rule: Option<&'static str>,
    /// The severity.
    pub severity: Severity,
    /// The problem, in one line.
    pub message: String,
    /// The place of the problem. Absent only when no file can be named.
    pub location: Option<Location>,
    /// A second place that the message is about, with its label. An example is the first of two
    /// duplicates.
    pub related: Option<Box<(Location, String)>>,
    /// The way to fix the problem.
    pub help: String,
}

impl Diagnostic {
    /// Creates an error at `location`.
    pub fn new(location: &Location, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            rule: None,
            severity: Severity::Error,
            message: message.into(),
            location: Some(location.clone()),
            related: None,
            help: help.into(),
        }
    }

    /// Creates an error for which no line can be named.
    pub fn without_location(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            rule: None,
            severity: Severity::Error,
            message: message.into(),
            location: None,
            related: None,
            help: help.into(),
        }
    }

    /// Returns the diagnostic as a note, which keeps nothing from being generated.
    pub fn into_note(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Returns a note as the error that it is for `--strict`. The document can be used without it,
    /// so it is a finding.
    pub fn into_assumption(mut self) -> Self {
        self.severity = Severity::Error;
        self.rule = Some("assumption");
        self
    }

    /// Returns true if `other` reports the same problem at the same place.
    pub fn is_same(&self, other: &Self) -> bool {
        let related = |(location, label): &'_ (Location, String)| {
            let (file, line, column) = location.key();
            (file.to_path_buf(), line, column, label.clone())
        };
        self.place() == other.place()
            && (&self.message, &self.help) == (&other.message, &other.help)
            && self.related.as_deref().map(related) == other.related.as_deref().map(related)
    }

    /// Returns the key of the place, which orders diagnostics.
    pub fn place(&self) -> Option<(&Path, usize, usize)> {
        self.location.as_ref().map(Location::key)
    }

    /// Adds a second place.
    pub fn with_related(mut self, location: &Location, label: impl Into<String>) -> Self {
        self.related = Some(Box::new((location.clone(), label.into())));
        self
    }

    /// Renders the diagnostic with source excerpts. Set `color` for a terminal.
    pub fn render(&self, color: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.message);
        let title = match self.rule {
            Some(rule) => title.id(rule),
            None => title,
        };
        let mut group = title.elements(std::iter::empty::<annotate_snippets::Element<'_>>());
        if let Some(location) = &self.location {
            let related = self.related.as_deref();
            let (here, elsewhere) = match related {
                Some((place, _)) if Arc::ptr_eq(&place.file, &location.file) => (related, None),
                _ => (None, related),
            };
            let excerpt = Excerpt::of(location, here.map(|(place, _)| place));
            if excerpt.is_window {
                group = group.element(origin(location));
            }
            let mut snippet =
                excerpt.snippet(AnnotationKind::Primary.span(excerpt.range(location)));
            if let Some((place, label)) = here {
                let annotation = AnnotationKind::Context.span(excerpt.range(place));
                snippet = snippet.annotation(annotation.label(label));
            }
            group = group.element(snippet);
            if let Some((place, label)) = elsewhere {
                let excerpt = Excerpt::of(place, None);
                if excerpt.is_window {
                    group = group.element(origin(place));
                }
                let annotation = AnnotationKind::Context.span(excerpt.range(place));
                group = group.element(excerpt.snippet(annotation.label(label)));
            }
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

impl std::fmt::Display for Diagnostic {
    /// Writes the place, the message and the fix in one line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        f.write_str(&self.message)?;
        if self.help.is_empty() {
            return Ok(());
        }
        write!(f, "; {}", self.help)
    }
}

/// The lines of a file that a diagnostic shows. Rendering a long list of diagnostics would be slow
/// if each one read a long file.
struct Excerpt<'a> {
    file: &'a SourceFile,
    first_line: usize,
    /// The byte offset in the file at which the excerpt starts.
    start: usize,
    text: &'a str,
    /// True if the text is a part of one long line.
    is_window: bool,
}

/// The number of bytes up to which a line is shown as a whole.
const LONGEST_LINE: usize = 1_000;
/// The number of bytes before and after a place that are shown of a longer line.
const WINDOW: usize = 60;

/// Returns the place of an excerpt that does not begin with its line.
fn origin(place: &Location) -> Origin<'_> {
    let path = place.file.path.to_string_lossy();
    Origin::path(path)
        .line(place.line())
        .char_column(place.column())
}

impl<'a> Excerpt<'a> {
    /// Returns the lines from one place to the other.
    fn of(place: &'a Location, other: Option<&Location>) -> Self {
        let file = &place.file;
        let other = other.map_or(place.line(), |other| other.line());
        let first_line = place.line().min(other).max(1);
        let start_of = |line: usize| file.line_starts.get(line - 1).copied();
        let start = start_of(first_line).unwrap_or(file.text.len());
        let end = start_of(place.line().max(other).max(1) + 1).unwrap_or(file.text.len());
        let mut excerpt = Self {
            file,
            first_line,
            start,
            text: file.text.get(start..end).unwrap_or_default(),
            is_window: false,
        };
        if excerpt.text.len() > LONGEST_LINE && place.line() == other {
            excerpt.narrow(place);
        }
        excerpt
    }

    /// Keeps the surroundings of a place in a long line.
    fn narrow(&mut self, place: &Location) {
        let range = self.range(place);
        let boundary = |at: usize| {
            let at = at.min(self.text.len());
            (0..=at)
                .rev()
                .find(|at| self.text.is_char_boundary(*at))
                .unwrap_or_default()
        };
        let from = boundary(range.start.saturating_sub(WINDOW));
        let to = boundary(range.end.min(range.start + WINDOW) + WINDOW);
        self.start += from;
        self.text = self.text.get(from..to).unwrap_or_default();
        self.is_window = true;
    }

    /// Returns the byte range of a place in the excerpt.
    fn range(&self, place: &Location) -> std::ops::Range<usize> {
        let range = self
            .file
            .range(place.line(), place.column(), place.length());
        let inside = |at: usize| at.saturating_sub(self.start).min(self.text.len());
        inside(range.start)..inside(range.end)
    }

    fn snippet(
        &self,
        annotation: annotate_snippets::Annotation<'a>,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let path = (!self.is_window).then(|| self.file.path.to_string_lossy());
        Snippet::source(self.text)
            .line_start(self.first_line)
            .path(path)
            .annotation(annotation)
    }
}

/// Returns a count and its noun, whose plural ends in `s`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// All problems of a document, in the order in which they were found. Never empty.
#[derive(Clone, Debug)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Renders all diagnostics and their number.
    pub fn render(&self, color: bool) -> String {
        let mut text = String::new();
        for diagnostic in &self.0 {
            let _ = writeln!(text, "{}\n", diagnostic.render(color));
        }
        let errors = counted(self.0.len(), "error");
        let _ = write!(text, "{errors} in the document; nothing was written");
        text
    }
}

impl Diagnostics {
    /// Adds the findings of the lint rules and sorts everything by file and line. Drops a finding
    /// at a place that already has a diagnostic.
    pub fn with(mut self, findings: Vec<Diagnostic>) -> Self {
        let known: BTreeSet<_> = self.0.iter().map(Diagnostic::place).collect();
        let mut new = findings;
        new.retain(|finding| !known.contains(&finding.place()));
        drop(known);
        self.0.extend(new);
        self.0
            .sort_by(|left, right| left.place().cmp(&right.place()));
        self
    }

    /// Returns the problems as one JSON object in a line: `{"errors": […]}`. Each has `file`,
    /// `line`, `column`, `message` and `help`.
    ///
    /// # Errors
    /// Returns an error if the object cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        crate::generate::report::errors_as_json(&self.0)
    }

    /// Returns true if lint rules found every problem, which means that the document can be used.
    pub fn are_findings(&self) -> bool {
        self.0.iter().all(|diagnostic| diagnostic.rule.is_some())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
