//! Generates the client from `petstore.yaml`.

use scorekit_codegen::Generator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=petstore.yaml");
    let generation = Generator::new("petstore.yaml").generate()?;
    for note in generation.notes() {
        println!("cargo::warning={note}");
    }
    generation.write_modules(std::env::var("OUT_DIR")?)?;
    Ok(())
}
