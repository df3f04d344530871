//! Connections: those that wait for their clients end, however busy they look; those with a request stay.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Host, Setup, setup};

/// Far from both the timeout of these hosts and that of the default.
const SOON: Duration = Duration::from_secs(10);
/// Between two drops of a drip.
const PAUSE: Duration = Duration::from_millis(50);

fn with_short_timeout(name: &'static str) -> Setup {
    setup(name).argument("--idle-connection-timeout", "1s")
}

fn connect(host: &Host, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(host.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PAUSE)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Writes `drop` every so often, `times` at most, and gives what comes back until the host ends the connection.
fn drip(stream: &mut TcpStream, drop: &[u8], times: usize) -> Vec<u8> {
    let (begun, mut dripped, mut answer) = (Instant::now(), 0, Vec::new());
    let mut buffer = [0; 4096];
    loop {
        assert!(begun.elapsed() < SOON, "the connection stays open");
        match stream.read(&mut buffer) {
            Ok(0) => return answer,
            Ok(read) => answer.extend(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if dripped < times {
                    dripped += 1;
                    // The host may have ended the connection: the next read tells.
                    let _ = stream.write_all(drop);
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                return answer;
            }
        }
    }
}

#[tokio::test]
async fn a_connection_whose_headers_never_end_is_ended() {
    let host = with_short_timeout("slow_headers").serve();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh";
    std::thread::scope(|threads| {
        for (opening, drop) in [
            (&b""[..], &b""[..]),
            (b"", b"\r\n"),
            (b"GET /a/empty HTTP/1.1\r\nHost: a\r\n", b""),
            (b"GET /a/empty HTTP/1.1\r\nHost: a\r\n", b"X-Drip: 1\r\n"),
            (b"PRI * HTTP/2.0\r\n", b""),
            (preface, b""),
            (preface, ping),
        ] {
            let mut stream = connect(&host, opening);
            threads.spawn(move || {
                let answer = drip(&mut stream, drop, usize::MAX);
                assert!(!answer.starts_with(b"HTTP/1.1 200 "), "{opening:?}");
            });
        }
    });
    assert_eq!(host.status("/a/empty").await, 200);
}

#[tokio::test]
async fn an_idle_connection_is_ended_after_its_answers() {
    let host = with_short_timeout("idle_connection").serve();
    let request = b"GET /a/uri HTTP/1.1\r\nHost: a\r\n\r\n";
    // As many as outlast the timeout together: each request starts the time anew.
    let answer = drip(&mut connect(&host, request), request, 40);
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 41);
}

#[tokio::test]
async fn a_request_in_flight_keeps_its_connection() {
    let host = with_short_timeout("slow_requests").serve();
    let sleep = b"GET /a/sleep?2500 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = drip(&mut connect(&host, sleep), b"", 0);
    assert!(answer.ends_with(b"slept\r\n0\r\n\r\n") || answer.ends_with(b"slept"));

    // The answer begins before the body of the request is whole, and lasts as long.
    let echo =
        b"POST /a/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 60\r\n\r\n";
    let answer = drip(&mut connect(&host, echo), b"%", 60);
    let bytes = answer.iter().filter(|byte| **byte == b'%').count();
    assert_eq!(bytes, 60, "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_let_go() {
    let host = with_short_timeout("no_reader").serve();
    let mut stream = connect(
        &host,
        b"POST /a/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
    );
    stream.set_write_timeout(Some(SOON)).unwrap();
    let begun = Instant::now();
    // It sends as long as the host takes it, which is as long as somebody takes what comes back.
    while stream.write_all(&[b'%'; 65_536]).is_ok() {}
    assert!(begun.elapsed() < SOON, "the connection stays open");
}
