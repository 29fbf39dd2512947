//! Pushes in a process of their own that is killed: no code runs at its end, and pending writes are
//! lost.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::sync::{mpsc, watch};

use super::order_server::*;
use super::*;

const COUNT: u64 = 600;
const BATCH: u64 = 10;
const CONCURRENCY: u64 = 4;

/// The variables that give the process the server's address and its journal.
const URL: &str = "KILLED_PUSH_URL";
const JOURNAL: &str = "KILLED_PUSH_JOURNAL";

/// A server over sockets that reports each order as it accepts it.
struct Till {
    address: SocketAddr,
    taken: mpsc::UnboundedReceiver<Vec<u64>>,
    /// The number of open connections.
    open: watch::Receiver<usize>,
}

impl Till {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, taken) = mpsc::unbounded_channel();
        let (count, open) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.send_modify(|count| *count += 1);
                let (sender, count) = (sender.clone(), count.clone());
                tokio::spawn(async move {
                    take_orders(&mut stream, &sender).await;
                    count.send_modify(|count| *count -= 1);
                });
            }
        });
        Self {
            address,
            taken,
            open,
        }
    }

    /// Waits until the server has read everything that a process, which has ended, sent.
    async fn settle(&mut self) {
        // Connections are accepted in order, so all earlier ones are when this one has a response.
        let mut last = TcpStream::connect(self.address).await.unwrap();
        last.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert_ne!(last.read(&mut [0; 100]).await.unwrap(), 0);
        drop(last);
        self.open.wait_for(|count| *count == 0).await.unwrap();
    }
}

async fn take_orders(stream: &mut TcpStream, sender: &mpsc::UnboundedSender<Vec<u64>>) {
    // A request that a killed process had not sent as a whole was not accepted.
    while let Some(request) = try_read_request(stream).await {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        if !head.starts_with("GET ") {
            sender.send(Load::read(body.as_bytes()).numbers).ok();
        }
        let response = http_response("202 Accepted", "", "");
        if stream.write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A process that pushes. It is killed at the latest when this value is dropped.
struct Pushing(Child);

impl Drop for Pushing {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn start(url: &str, journal: &Path) -> Pushing {
    let process = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "push::killed::a_push_to_be_killed"])
        .env(URL, url)
        .env(JOURNAL, journal)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Pushing(process)
}

#[tokio::test]
#[ignore = "run by the test below, and killed"]
async fn a_push_to_be_killed() {
    let (url, journal) = (std::env::var(URL).unwrap(), std::env::var(JOURNAL).unwrap());
    let client = Client::new(keys().base_url(&url)).unwrap();
    let request = client.request::<()>(&PUT_ORDERS);
    let body = serde_json::json!({"data": {"type": "orders", "orders": []}});
    let push = request.json(&body).push(&ORDERS, orders(COUNT));
    let push = push.concurrency(usize::try_from(CONCURRENCY).unwrap());
    let (results, _) = results(push.journal(journal).unwrap()).await;
    assert!(failed(&results).is_empty());
}

/// Returns the items in the whole lines of a journal.
fn recorded(journal: &Path) -> BTreeSet<u64> {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let run = |line: &str| {
        let (first, checksums) = line.split_once(' ').unwrap();
        let first: u64 = first.parse().unwrap();
        first..first + checksums.split(' ').count() as u64
    };
    let lines = whole.lines().skip(1).filter(|line| *line != "end");
    lines.flat_map(run).collect()
}

#[tokio::test]
async fn killed_push_repeats_only_in_flight_items() {
    let mut till = Till::start().await;
    let url = format!("http://{}", till.address);
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let journal = directory.join(format!("killed-{}.journal", std::process::id()));
    std::fs::remove_file(&journal).ok();
    let mut times = BTreeMap::<u64, u64>::new();
    let mut kills = 0;
    // The number of further batches after which the process dies; the last one survives.
    for batches in [1, 2, 7, 3, 11, u64::MAX] {
        let known = recorded(&journal);
        let mut process = start(&url, &journal);
        let mut batch_count = 0;
        while batch_count < batches {
            let numbers = tokio::select! {
                numbers = till.taken.recv() => numbers.unwrap(),
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    match process.0.try_wait().unwrap() {
                        Some(status) => {
                            assert!(status.success(), "{status}");
                            break;
                        }
                        None => continue,
                    }
                }
            };
            batch_count += 1;
            for number in numbers {
                assert!(!known.contains(&number), "{number} was acknowledged");
                *times.entry(number).or_default() += 1;
            }
        }
        if batches < u64::MAX {
            drop(process);
            kills += 1;
            // The items that it had sent before it died, and those that it broke off.
            till.settle().await;
            while let Ok(numbers) = till.taken.try_recv() {
                for number in numbers {
                    assert!(!known.contains(&number), "{number} was acknowledged");
                    *times.entry(number).or_default() += 1;
                }
            }
            // A line that was partly written.
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(&journal)
                .unwrap();
            std::io::Write::write_all(&mut file, b"590 1").unwrap();
        }
        for number in recorded(&journal) {
            assert!(times.contains_key(&number), "{number} was never taken");
        }
    }
    assert_eq!(
        times.keys().copied().collect::<Vec<_>>(),
        Vec::from_iter(0..COUNT)
    );
    let repeated: u64 = times.values().map(|times| times - 1).sum();
    assert!(repeated <= kills * CONCURRENCY * BATCH, "{repeated}");
    assert_eq!(recorded(&journal), (0..COUNT).collect());
    std::fs::remove_file(&journal).unwrap();
}
