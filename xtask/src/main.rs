//! `cargo xtask`: see [`xtask::cli`].

#![forbid(unsafe_code)]

/// The generator makes and drops syntax trees of millions of small pieces, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    xtask::cli::main()
}
