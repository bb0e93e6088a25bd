//! A gate before the registry: questions go through, answers wait until it is opened.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The gate. Dropped, it lets nothing through any more.
pub(super) struct Gate {
    address: SocketAddr,
    open: watch::Sender<bool>,
    to: watch::Sender<Option<SocketAddr>>,
}

impl Gate {
    /// An open gate that leads nowhere yet.
    pub(super) async fn build() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let (open, is_open) = watch::channel(true);
        let (to, leads_to) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                let leads_to = *leads_to.borrow();
                let Some(registry) = leads_to else { continue };
                tokio::spawn(pass(visitor, registry, is_open.clone()));
            }
        });
        Self { address, open, to }
    }

    /// Where it stands.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Leads to the registry at `address` from now on.
    pub(super) fn lead_to(&self, address: SocketAddr) {
        self.to.send_replace(Some(address));
    }

    /// Holds answers back from now on.
    pub(super) fn close(&self) {
        self.open.send_replace(false);
    }

    /// Lets them through.
    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(visitor: TcpStream, registry: SocketAddr, mut open: watch::Receiver<bool>) -> std::io::Result<()> {
    let (mut asks, mut hears) = visitor.into_split();
    let (mut answers, mut listens) = TcpStream::connect(registry).await?.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut asks, &mut listens).await });
    let mut buffer = [0; 4096];
    loop {
        let length = answers.read(&mut buffer).await?;
        if length == 0 || open.wait_for(|open| *open).await.is_err() {
            return Ok(());
        }
        hears.write_all(&buffer[..length]).await?;
    }
}
