//! One call with the facade.

use scorekit::{Client, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let campaigns = client.campaigns();
    let page = campaigns.list().page_limit(10).send().await?;
    for campaign in &page.data {
        println!("{} {}", campaign.id, campaign.attributes.name);
    }
    println!("{}", page.meta.total);
    Ok(())
}
