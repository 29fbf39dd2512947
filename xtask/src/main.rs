//! `cargo xtask`: see [`xtask::cli`].

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    xtask::cli::main()
}
