//! Sets a proxy and certificates, and shows the error of a proxy that cannot be reached.
//!
//! Run it with `cargo run --example network`. It sends nothing, because no proxy listens.

#![forbid(unsafe_code)]

use std::error::Error;
use std::net::TcpListener;

use scorekit::{Client, Config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A port on which no program listens.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut network = Config::new()
        .proxy(&format!("http://user:password@127.0.0.1:{port}"))
        .no_proxy("internal.example.com, 10.0.0.0/8");
    // The authority of a company, in PEM form.
    if let Ok(path) = std::env::var("COMPANY_AUTHORITY") {
        network = network.root_certificates(std::fs::read(path)?);
    }
    let client = Client::builder()
        .config(network)
        .api_key("api key 1")
        .application_key("application key 1")
        .build()?;
    let call = client.scorecards().rules().list().send().await;
    let error = call.err().ok_or("the proxy exists")?;
    println!("{error}");
    assert!(error.to_string().contains("proxy") && !error.to_string().contains("password@"));
    Ok(())
}
