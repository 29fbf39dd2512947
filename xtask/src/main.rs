//! `cargo xtask`: see [`cli`].

#![forbid(unsafe_code)]

mod bench;
mod cargo;
mod ci;
mod cli;
mod diff;
mod generate;
mod lint;
mod new;
mod output;
mod release;
mod review;
mod vendor;

/// The generator allocates and frees millions of small syntax tree nodes on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
