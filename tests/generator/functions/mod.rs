//! Functions of the generator, each alone. They are tested here and not in the library, which would
//! be compiled a second time for its own tests.

mod diagnostic;
mod documentation;
mod graph;
mod needless;
mod numbers;
mod surrogates;
mod yaml;
