//! The load: some connections, each sending its next request when the last is answered. It runs as a process of its own.
//!
//! It speaks just enough HTTP/1.1 to be cheap, since it takes its time from the same processors.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

#[derive(Clone, Serialize, Deserialize)]
pub struct Load {
    pub address: String,
    pub connections: usize,
    pub seconds: u64,
    /// Whole requests, taken in turn.
    pub requests: Vec<String>,
}

/// What came of it. Times are microseconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Answered {
    pub count: u32,
    pub seconds: f64,
    pub p50: u32,
    pub p99: u32,
}

impl Load {
    /// Runs it in a process of its own.
    pub async fn apart(&self) -> Result<Answered> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("load")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no way to tell the load what to do")?;
        stdin.write_all(&serde_json::to_vec(self)?)?;
        drop(stdin);
        let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await??;
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// The process: reads a load, runs it, prints what came of it.
pub async fn run() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let load: Load = serde_json::from_str(&text)?;
    let begun = Instant::now();
    let until = begun + Duration::from_secs(load.seconds);
    let connections = (0..load.connections).map(|number| connection(&load, number, until));
    let times = futures::future::try_join_all(connections).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut times: Vec<u32> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    let answered = Answered {
        count: u32::try_from(times.len())?,
        seconds,
        p50: at(50),
        p99: at(99),
    };
    Ok(writeln!(
        std::io::stdout(),
        "{}",
        serde_json::to_string(&answered)?
    )?)
}

async fn connection(load: &Load, number: usize, until: Instant) -> Result<Vec<u32>> {
    let mut stream = TcpStream::connect(&load.address).await?;
    stream.set_nodelay(true)?;
    let mut requests = load.requests.iter().cycle().skip(number);
    let (mut times, mut buffer) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let Some(request) = requests.next() else { break };
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        answer(&mut stream, &mut buffer).await?;
        times.push(u32::try_from(sent.elapsed().as_micros())?);
    }
    Ok(times)
}

/// Reads one answer with a `Content-Length` and gives back where its body begins. Anything but success ends the run.
pub async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server hung up".into());
        }
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?;
    if !text.starts_with("HTTP/1.1 200 ") {
        return Err(format!("not answered: {}", text.lines().next().unwrap_or_default()).into());
    }
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head + length.ok_or("an answer without a length")?;
    while buffer.len() < end {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server hung up".into());
        }
    }
    Ok(head)
}

/// Sends one request and gives back the answer as JSON.
pub async fn ask(address: &str, request: &str) -> Result<serde_json::Value> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    let head = answer(&mut stream, &mut buffer).await?;
    Ok(serde_json::from_slice(&buffer[head..])?)
}

/// A request with a JSON body.
pub fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Waits until somebody listens there.
pub async fn wait_for(address: &str, log: &Path) -> Result<()> {
    for _ in 0..600 {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!(
        "no server at {address}: {}",
        std::fs::read_to_string(log).unwrap_or_default()
    )
    .into())
}
