//! Gives the program an id of its generator, from its source and the versions of its dependencies.
//! Cached results of an earlier run are valid only for the same generator.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    // The first is in a published package, the second in the workspace.
    let locks = ["Cargo.lock", "../../Cargo.lock"].map(PathBuf::from);
    let mut files: Vec<PathBuf> = locks
        .into_iter()
        .find(|lock| lock.exists())
        .into_iter()
        .collect();
    for lock in &files {
        println!("cargo::rerun-if-changed={}", lock.display());
    }
    collect(Path::new("src"), &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(&file)?.hash(&mut hasher);
    }
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-env=GENERATOR={:016x}", hasher.finish());
    Ok(())
}

/// Collects every file below `directory`.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
