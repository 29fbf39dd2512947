//! One call with structures written by hand.

#[derive(serde::Deserialize)]
struct Page {
    data: Vec<Campaign>,
    meta: Meta,
}

#[derive(serde::Deserialize)]
struct Meta {
    total: i64,
}

#[derive(serde::Deserialize)]
struct Campaign {
    id: String,
    attributes: Attributes,
}

#[derive(serde::Deserialize)]
struct Attributes {
    name: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = reqwest::Client::new();
    let request = client
        .get("https://api.datadoghq.com/api/v2/scorecard/campaigns?page%5Blimit%5D=10")
        .header("DD-API-KEY", std::env::var("DD_API_KEY")?)
        .header("DD-APPLICATION-KEY", std::env::var("DD_APP_KEY")?);
    let page: Page = request.send().await?.error_for_status()?.json().await?;
    for campaign in &page.data {
        println!("{} {}", campaign.id, campaign.attributes.name);
    }
    println!("{}", page.meta.total);
    Ok(())
}
