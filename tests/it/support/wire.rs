//! A way to a server that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Way {
    Passes,
    /// Connections are hung up.
    Refuses,
    /// What is sent into it comes nowhere, and nobody says so.
    Silent,
}

#[derive(Clone)]
pub struct Wire {
    pub address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Wire {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(AtomicU8::new(Way::Passes as u8));
        let shared = state.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if is(&shared, Way::Refuses) {
                    continue;
                }
                let upstream = TcpStream::connect(server).await.unwrap();
                let (client_in, client_out) = client.into_split();
                let (server_in, server_out) = upstream.into_split();
                tokio::spawn(pass(client_in, server_out, shared.clone()));
                tokio::spawn(pass(server_in, client_out, shared.clone()));
            }
        });
        Self { address, state }
    }

    pub fn set(&self, way: Way) {
        self.state.store(way as u8, Ordering::SeqCst);
    }
}

fn is(state: &AtomicU8, way: Way) -> bool {
    state.load(Ordering::SeqCst) == way as u8
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    state: Arc<AtomicU8>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::time::timeout(Duration::from_millis(20), from.read(&mut buffer)).await;
        if is(&state, Way::Refuses) {
            return;
        }
        if is(&state, Way::Silent) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        match read {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(length)) => {
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
            Err(_) => {}
        }
    }
}
