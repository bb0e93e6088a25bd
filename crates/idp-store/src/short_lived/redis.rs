//! The short-lived store of several nodes: Redis or Valkey, through one connection that also hears announcements.

use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, IntoConnectionInfo as _, ProtocolVersion, PushInfo, PushKind, Script, Value, cmd};
use tokio::sync::mpsc;

use super::{Space, read};
use crate::{Stale, StoreError};

/// No command takes longer; a request that waits for it fails instead.
const PATIENCE: Duration = Duration::from_secs(2);
/// Where nodes tell each other which cached rows are stale.
const CHANNEL: &str = "idp:stale";

/// A connection to Redis, shared by all.
pub(super) struct Redis {
    client: Client,
    connection: ConnectionManager,
    count: Script,
}

impl Redis {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let client = client(url)?;
        let connection = ConnectionManager::new_with_config(client.clone(), config()).await?;
        let redis = Self { client, connection, count: Script::new(COUNT) };
        redis.ping().await?;
        Ok(redis)
    }

    pub(super) async fn put(&self, space: Space, key: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let mut command = cmd("SET");
        command.arg(name(space, key)).arg(value).arg("PX").arg(millis(ttl));
        Ok(command.query_async(&mut self.connection.clone()).await?)
    }

    pub(super) async fn put_new(
        &self,
        space: Space,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let mut command = cmd("SET");
        command.arg(name(space, key)).arg(value).arg("PX").arg(millis(ttl)).arg("NX");
        let answer: Value = command.query_async(&mut self.connection.clone()).await?;
        Ok(!matches!(answer, Value::Nil))
    }

    pub(super) async fn get(&self, space: Space, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(cmd("GET").arg(name(space, key)).query_async(&mut self.connection.clone()).await?)
    }

    pub(super) async fn take(&self, space: Space, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(cmd("GETDEL").arg(name(space, key)).query_async(&mut self.connection.clone()).await?)
    }

    pub(super) async fn remove(&self, space: Space, key: &str) -> Result<(), StoreError> {
        Ok(cmd("DEL").arg(name(space, key)).query_async::<()>(&mut self.connection.clone()).await?)
    }

    pub(super) async fn count(&self, space: Space, key: &str, ttl: Duration) -> Result<u64, StoreError> {
        let mut invocation = self.count.key(name(space, key));
        Ok(invocation.arg(millis(ttl)).invoke_async(&mut self.connection.clone()).await?)
    }

    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        Ok(cmd("PING").query_async::<()>(&mut self.connection.clone()).await?)
    }

    pub(super) async fn announce(&self, text: &str) -> Result<(), StoreError> {
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(text).query_async::<()>(&mut self.connection.clone()).await?)
    }

    pub(super) async fn subscribe(&self) -> Result<mpsc::UnboundedReceiver<Stale>, StoreError> {
        let (pushes, mut pushed) = mpsc::unbounded_channel::<PushInfo>();
        let config = config().set_push_sender(pushes).set_automatic_resubscription();
        let mut connection = ConnectionManager::new_with_config(self.client.clone(), config).await?;
        connection.subscribe(CHANNEL).await?;
        let (sender, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // The connection lives as long as somebody listens.
            let _connection = connection;
            while let Some(push) = pushed.recv().await {
                let stale = match push.kind {
                    PushKind::Message => announcement(&push.data),
                    // What was announced meanwhile is not known.
                    PushKind::Disconnection | PushKind::Subscribe => vec![Stale::Everything],
                    _ => Vec::new(),
                };
                for stale in stale {
                    if sender.send(stale).is_err() {
                        return;
                    }
                }
            }
        });
        Ok(heard)
    }
}

/// Counts up; the first count sets the window's end.
const COUNT: &str = "local count = redis.call('INCR', KEYS[1]) \
     if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
     return count";

fn client(url: &str) -> Result<Client, StoreError> {
    let wrong = |_| {
        StoreError::unavailable("the address of Redis must look like redis://host:6379/0 (setting short_lived.url)")
    };
    let info = url.into_connection_info().map_err(wrong)?;
    // Announcements arrive on the connection of commands only in the newer protocol (Redis 6).
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings)).map_err(wrong)
}

fn config() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_max_delay(PATIENCE)
}

fn announcement(data: &[Value]) -> Vec<Stale> {
    match data.last() {
        Some(Value::BulkString(bytes)) => std::str::from_utf8(bytes).map_or_else(|_| vec![Stale::Everything], read),
        Some(Value::SimpleString(text)) => read(text),
        _ => vec![Stale::Everything],
    }
}

fn name(space: Space, key: &str) -> String {
    format!("idp:{}:{key}", space.as_str())
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
