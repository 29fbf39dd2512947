//! The filters of `--jq`, with the library jaq (<https://github.com/01mf02/jaq>).

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter as Program, Vars, data, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;

use crate::exit::Failure;
use crate::interrupt;

/// The functions that an expression must not have: the environment holds credentials, and the exit
/// code is that of the command.
const LEFT_OUT: [&str; 3] = ["env", "halt", "halt_error"];

/// The longest error that is shown, in characters.
const SHOWN: usize = 200;

/// A compiled filter.
pub(crate) struct Filter {
    program: Program<data::JustLut<Val>>,
}

impl Filter {
    /// Compiles an expression.
    pub(crate) fn compile(expression: &str) -> Result<Self, Failure> {
        let definitions = jaq_core::defs().chain(jaq_std::defs());
        let is_safe = |name: &str| !LEFT_OUT.contains(&name);
        let definitions = definitions.filter(|it| is_safe(it.name));
        let functions = jaq_std::funs().filter(|(name, ..)| is_safe(name));
        let functions = jaq_core::funs().chain(functions);
        let arena = Arena::default();
        let file = File {
            code: expression,
            path: (),
        };
        let wrong = |detail: &str| {
            let message = format!("cannot compile the expression of --jq: {detail}");
            Failure::usage(message).with_help("see https://jqlang.org/manual/")
        };
        let loader = Loader::new(definitions.chain(jaq_json::defs()));
        let modules = loader
            .load(&arena, file)
            .map_err(|_| wrong("it is not valid"))?;
        let compiler = Compiler::default().with_funs(functions.chain(jaq_json::funs()));
        let program = compiler.compile(modules).map_err(|errors| {
            let names: Vec<&str> = errors
                .iter()
                .flat_map(|(_, errors)| errors.iter().map(|(name, _)| *name))
                .collect();
            wrong(&format!("unknown: {}", names.join(", ")))
        })?;
        Ok(Self { program })
    }

    /// Returns the results for a value.
    pub(crate) fn run(&self, value: &Value) -> Result<Vec<Value>, Failure> {
        // The library quotes the whole input.
        let failed = |error: &dyn std::fmt::Display| {
            let text = error.to_string();
            let mut shown: String = text.chars().take(SHOWN).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            Failure::failed(format!("cannot apply --jq to the response: {shown}"))
        };
        // It may run for ever, without a result between.
        let _waiting = interrupt::waiting("the output is not complete");
        let text = value.to_string();
        let input = read::parse_single(text.as_bytes()).map_err(|error| failed(&error))?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.program.lut, Vars::new([]));
        let results = self.program.id.run((context, input)).map(unwrap_valr);
        results
            .map(|result| {
                let result = result.map_err(|error| failed(&error))?;
                let text = result.to_string();
                serde_json::from_str(&text).map_err(|_| failed(&format!("{text} is not JSON")))
            })
            .collect()
    }
}
