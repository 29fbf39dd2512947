//! Prints the requests that it would send.

mod api {
    include!(concat!(env!("OUT_DIR"), "/scorekit.rs"));
}

use api::pets::Client;
use api::pets::types::NewPet;
use scorekit_core::{ApiRequest, Config, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new(Config::new())?;
    let show = client.show_pet("a/b");
    println!("{} {}", show.operation().method, show.path()?);
    let create = client.create_pet(&NewPet::new("Rex").tag("dog"));
    println!("{} {}", create.operation().method, create.path()?);
    Ok(())
}
