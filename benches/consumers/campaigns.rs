//! One call with the client of one domain.

use scorekit_campaigns::{Client, Config, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new(Config::from_env()?)?;
    let page = client.campaigns().list().page_limit(10).send().await?;
    for campaign in &page.data {
        println!("{} {}", campaign.id, campaign.attributes.name);
    }
    println!("{}", page.meta.total);
    Ok(())
}
