//! Path templates, and how well a path fits them.

/// A path of the document, such as `/api/v2/scorecard/rules/{rule_id}`.
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
}

enum Segment {
    Literal(String),
    Parameter(String),
}

impl PathTemplate {
    /// Reads a template.
    pub(crate) fn new(template: &str) -> Self {
        let segments = segments(template).map(|segment| {
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Literal(segment.to_owned()),
            }
        });
        Self {
            segments: segments.collect(),
        }
    }

    /// Returns the values of the parameters if a path matches.
    pub(crate) fn values(&self, path: &[String]) -> Option<Vec<(String, String)>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Parameter(name) if !text.is_empty() => {
                    values.push((name.clone(), text.clone()));
                }
                _ => return None,
            }
        }
        Some(values)
    }

    /// Returns true if the path begins with these literal segments.
    pub(crate) fn starts_with(&self, literals: &str) -> bool {
        let mut own = self.segments.iter();
        segments(literals).all(
            |wanted| matches!(own.next(), Some(Segment::Literal(literal)) if literal == wanted),
        )
    }

    /// Returns true for each literal segment. Of two templates that match, the one that is literal
    /// earlier is the greater.
    pub(crate) fn literals(&self) -> Vec<bool> {
        self.segments
            .iter()
            .map(|segment| matches!(segment, Segment::Literal(_)))
            .collect()
    }

    /// Returns the number of leading segments that equal those of a path.
    pub(crate) fn likeness(&self, path: &[String]) -> usize {
        let pairs = self.segments.iter().zip(path);
        pairs
            .take_while(
                |(segment, text)| matches!(segment, Segment::Literal(literal) if literal == *text),
            )
            .count()
    }
}

/// Splits a path into its segments.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}
