//! A server that leads elsewhere in every way there is, and traps at the places that it leads to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What no trap may see; the test that asks sends it in a header and in a body.
pub(crate) const CANARY: &str = "s3cret-canary";

/// Every redirect.
const STATUSES: [&str; 5] = [
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

/// What a redirect says beside where to go: who takes that for an answer is misled as well.
const BODY: &str = r#"{"id":41,"status":"success","done":"moved","data":[],"result":[]}"#;

/// Asks for each redirect and each place once, with an address whose every answer is that redirect.
///
/// Nobody may be led anywhere: no trap is connected to, and no request comes for the place beside.
pub(crate) async fn lead_astray(ask: impl AsyncFn(&str)) {
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = trap.local_addr().unwrap().port();
    // A machine without the newer protocol has nobody there who could be led to.
    let newer = TcpListener::bind("[::1]:0").await.ok();
    let newer_port = newer.as_ref().map_or(port, |trap| trap.local_addr().unwrap().port());
    for status in STATUSES {
        for place in [
            format!("http://localhost:{port}/elsewhere"),
            format!("http://[::1]:{newer_port}/elsewhere"),
            format!("http://127.0.0.1:{port}/elsewhere"),
            format!("https://127.0.0.1:{port}/elsewhere"),
            "/elsewhere".to_owned(),
        ] {
            let server = Misleading::start(status, &place).await;
            tokio::select! {
                biased;
                met = trap.accept() => panic!("{status} led to {place}: {met:?}"),
                met = accept(newer.as_ref()) => panic!("{status} led to {place}: {met:?}"),
                () = ask(&server.url) => {}
            }
            let asked = server.asked.lock().unwrap().clone();
            assert!(!asked.is_empty(), "{status} {place}: nobody asked");
            let is_led = |head: &String| head.contains(" /elsewhere");
            assert!(!asked.iter().any(is_led), "{status} led to {place}: {asked:?}");
        }
    }
}

async fn accept(trap: Option<&TcpListener>) -> Option<SocketAddr> {
    match trap {
        Some(trap) => Some(trap.accept().await.ok()?.1),
        None => std::future::pending().await,
    }
}

struct Misleading {
    url: String,
    /// The first line of every request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Misleading {
    async fn start(status: &str, place: &str) -> Self {
        let length = BODY.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: {place}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{BODY}"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let known = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let line = first_line(&mut stream).await;
                known.lock().unwrap().push(line);
                // Whoever asked may have gone.
                drop(stream.write_all(answer.as_bytes()).await);
                // Hanging up on what was not read would take the answer away.
                drop(tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await }));
            }
        });
        Self { url, asked }
    }
}

async fn first_line(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        head.push(byte);
    }
    String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned()
}
