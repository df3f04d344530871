//! A TCP proxy between the host and a server, which can be told to behave badly. It knows nothing of what
//! passes through it.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a wire behaves at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Flowing,
    /// Whatever is sent is held back for so long.
    Slow(Duration),
    /// Nothing passes.
    Still,
    /// Questions pass; the first answer breaks its connection.
    Deaf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Question,
    Answer,
}

/// The proxy. It ends when it is dropped.
#[derive(Debug)]
pub struct Wire {
    /// Where the host is to connect to.
    pub address: String,
    mood: Arc<watch::Sender<Mood>>,
    /// Counts the cuts: a connection that is older than the last one ends.
    cuts: Arc<watch::Sender<u64>>,
    server: JoinHandle<()>,
}

impl Wire {
    pub async fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mood = Arc::new(watch::Sender::new(Mood::Flowing));
        let cuts = Arc::new(watch::Sender::new(0));
        let (moods, ends, target) = (mood.clone(), cuts.clone(), target.to_owned());
        let server = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (mood, mut end) = (moods.subscribe(), ends.subscribe());
                let target = target.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = join(near, &target, mood) => {}
                        _ = end.changed() => {}
                    }
                });
            }
        });
        Self {
            address,
            mood,
            cuts,
            server,
        }
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Breaks every connection there is.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
        self.cut();
    }
}

/// Until either side ends, or the mood ends it.
async fn join(near: TcpStream, target: &str, mood: watch::Receiver<Mood>) {
    let Ok(far) = TcpStream::connect(target).await else {
        return;
    };
    for side in [&near, &far] {
        side.set_nodelay(true).ok();
    }
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        () = pass(near_in, far_out, mood.clone(), Direction::Question) => {}
        () = pass(far_in, near_out, mood, Direction::Answer) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut mood: watch::Receiver<Mood>,
    direction: Direction,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        let now = *mood.borrow_and_update();
        match now {
            Mood::Flowing => {}
            Mood::Slow(delay) => tokio::time::sleep(delay).await,
            Mood::Still => {
                let moved = mood.wait_for(|mood| *mood != Mood::Still).await;
                if moved.is_err() {
                    return;
                }
            }
            Mood::Deaf if direction == Direction::Answer => return,
            Mood::Deaf => {}
        }
        let Some(bytes) = buffer.get(..length) else {
            return;
        };
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says everything back, and a wire to it.
    async fn echo() -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await.ok();
                });
            }
        });
        Wire::to(&address).await
    }

    async fn ask(stream: &mut TcpStream) -> Option<u8> {
        stream.write_all(b"x").await.ok()?;
        let mut answer = [0];
        stream.read_exact(&mut answer).await.ok()?;
        Some(answer[0])
    }

    #[tokio::test]
    async fn a_cut_ends_what_is_open_and_nothing_later() {
        let wire = echo().await;
        let mut before = TcpStream::connect(&wire.address).await.unwrap();
        assert_eq!(ask(&mut before).await, Some(b'x'));
        wire.cut();
        assert_eq!(ask(&mut before).await, None);
        let mut after = TcpStream::connect(&wire.address).await.unwrap();
        assert_eq!(ask(&mut after).await, Some(b'x'));
    }

    #[tokio::test]
    async fn a_still_wire_delivers_when_it_flows_again() {
        let wire = echo().await;
        let mut stream = TcpStream::connect(&wire.address).await.unwrap();
        wire.set(Mood::Still);
        let held = tokio::time::timeout(Duration::from_millis(50), ask(&mut stream)).await;
        assert!(held.is_err());
        wire.set(Mood::Flowing);
        let mut answer = [0];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"x");
    }

    #[tokio::test]
    async fn a_deaf_wire_loses_the_answer() {
        let wire = echo().await;
        let mut stream = TcpStream::connect(&wire.address).await.unwrap();
        assert_eq!(ask(&mut stream).await, Some(b'x'));
        wire.set(Mood::Deaf);
        assert_eq!(ask(&mut stream).await, None);
    }
}
