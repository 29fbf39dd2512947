//! Child processes of this program: servers, so that only the clients' time counts, and measured
//! processes, because the system reports the largest child process only.

use std::error::Error;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The process of a server, which ends when this value is dropped.
#[derive(Debug)]
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs this program as a server, and reads the addresses that it prints, one per line.
pub fn serve<const COUNT: usize>(
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<(Server, [String; COUNT]), Box<dyn Error>> {
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut server = Server(child);
    let output = server.0.stdout.take().ok_or("the server has no output")?;
    let mut output = BufReader::new(output);
    let mut addresses = [const { String::new() }; COUNT];
    for address in &mut addresses {
        output.read_line(address)?;
        *address = address.trim().to_owned();
    }
    Ok((server, addresses))
}

/// Runs this program, and reads the whole numbers that it prints.
pub fn figures<const COUNT: usize>(
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<[u64; COUNT], Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the measured process ended with {}", output.status).into());
    }
    let printed = String::from_utf8(output.stdout)?;
    let figures: Vec<u64> = printed
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    figures
        .try_into()
        .map_err(|_| format!("the measured process printed {printed:?}").into())
}
