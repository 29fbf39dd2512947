//! The types of the generated tables: domains, resources, commands and flags. All of it is plain
//! data that fits in a `static`.

use scorekit::runtime::{Operation, ParameterStyle};

/// A tag of the document.
pub(crate) struct Domain {
    /// The name of the tag.
    pub(crate) tag: &'static str,
    /// The description of the tag.
    pub(crate) about: &'static str,
    /// The resources, in the order of the document.
    pub(crate) resources: &'static [Resource],
    /// The command around the resources. `None` if they are commands of `scorekit` itself.
    pub(crate) group: Option<&'static str>,
}

impl Domain {
    pub(crate) const fn new(
        tag: &'static str,
        about: &'static str,
        resources: &'static [Resource],
    ) -> Self {
        Self {
            tag,
            about,
            resources,
            group: None,
        }
    }

    pub(crate) const fn group(mut self, name: &'static str) -> Self {
        self.group = Some(name);
        self
    }
}

/// A group of operations, such as `rules`.
pub(crate) struct Resource {
    /// The name of its command.
    pub(crate) name: &'static str,
    /// Its operations.
    pub(crate) commands: &'static [Command],
}

impl Resource {
    pub(crate) const fn new(name: &'static str, commands: &'static [Command]) -> Self {
        Self { name, commands }
    }
}

/// An operation as a command.
pub(crate) struct Command {
    /// The name of the command, such as `list`.
    pub(crate) name: &'static str,
    /// The operation that it calls.
    pub(crate) operation: &'static Operation,
    /// The summary, in one line.
    pub(crate) summary: &'static str,
    /// The rest of the description; may be empty.
    pub(crate) about: &'static str,
    /// The vendor's page.
    pub(crate) documentation: Option<&'static str>,
    /// True if the vendor advises against it.
    pub(crate) deprecated: bool,
    /// The parameters and the scalar properties of the body.
    pub(crate) flags: &'static [Flag],
    /// The JSON body, if the operation has one.
    pub(crate) body: Option<Body>,
    /// A call, as a line of a shell.
    pub(crate) example: &'static str,
}

#[allow(dead_code, reason = "the document need not use every setter")]
impl Command {
    pub(crate) const fn new(
        name: &'static str,
        operation: &'static Operation,
        summary: &'static str,
    ) -> Self {
        Self {
            name,
            operation,
            summary,
            about: "",
            documentation: None,
            deprecated: false,
            flags: &[],
            body: None,
            example: "",
        }
    }

    pub(crate) const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    pub(crate) const fn documentation(mut self, page: &'static str) -> Self {
        self.documentation = Some(page);
        self
    }

    pub(crate) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    pub(crate) const fn flags(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    pub(crate) const fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) const fn example(mut self, line: &'static str) -> Self {
        self.example = line;
        self
    }
}

/// A parameter of an operation, or a property of its body.
pub(crate) struct Flag {
    /// The name, without dashes. A path parameter is a positional argument of this name.
    pub(crate) name: &'static str,
    /// The place in the request.
    pub(crate) place: Place,
    /// The name on the wire, or the JSON pointer of a property.
    pub(crate) wire: &'static str,
    /// The kind of one value.
    pub(crate) kind: Kind,
    /// The description in the document.
    pub(crate) help: &'static str,
    /// The possible values; empty if any value is possible.
    pub(crate) values: &'static [&'static str],
    /// True if it is a list.
    pub(crate) is_list: bool,
    /// The serialization of a list or an object in a parameter.
    pub(crate) style: Option<ParameterStyle>,
    /// True if a request without it is invalid.
    pub(crate) required: bool,
    /// True if the vendor advises against it.
    pub(crate) deprecated: bool,
}

#[allow(dead_code, reason = "the document need not use every setter")]
impl Flag {
    const fn new(
        place: Place,
        name: &'static str,
        wire: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            place,
            wire,
            kind,
            help,
            values: &[],
            is_list: false,
            style: None,
            required: false,
            deprecated: false,
        }
    }

    pub(crate) const fn path(
        name: &'static str,
        wire: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self::new(Place::Path, name, wire, kind, help)
    }

    pub(crate) const fn query(
        name: &'static str,
        wire: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self::new(Place::Query, name, wire, kind, help)
    }

    pub(crate) const fn header(
        name: &'static str,
        wire: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self::new(Place::Header, name, wire, kind, help)
    }

    pub(crate) const fn body(
        name: &'static str,
        pointer: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self::new(Place::Body, name, pointer, kind, help)
    }

    pub(crate) const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    pub(crate) const fn list(mut self) -> Self {
        self.is_list = true;
        self
    }

    pub(crate) const fn style(mut self, style: ParameterStyle) -> Self {
        self.style = Some(style);
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }
}

/// The place of a value in the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
}

/// The kind of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "the document need not use every kind")]
pub(crate) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    /// A date without a time of day.
    Date,
    /// A point in time.
    Time,
    /// Any JSON value.
    Json,
}

/// The JSON body of an operation.
pub(crate) struct Body {
    /// True if a request without it is invalid.
    pub(crate) required: bool,
    /// The properties with one possible value.
    pub(crate) constants: &'static [Constant],
}

impl Body {
    pub(crate) const fn new(required: bool, constants: &'static [Constant]) -> Self {
        Self {
            required,
            constants,
        }
    }
}

/// A property of a body with one possible value.
pub(crate) struct Constant {
    /// The JSON pointer of the property.
    pub(crate) pointer: &'static str,
    /// The value.
    pub(crate) value: &'static str,
    /// True if every body needs it. Otherwise the object around it needs it.
    pub(crate) required: bool,
}

impl Constant {
    pub(crate) const fn new(pointer: &'static str, value: &'static str, required: bool) -> Self {
        Self {
            pointer,
            value,
            required,
        }
    }
}
