//! How `idscore serve` ends: in time, whatever its clients do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use crate::history::Room;
use crate::served::Served;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";

/// Clients that never finish: half a line of a request, and an upload that was let in and sends nothing.
fn unfinished(served: &Served) -> [TcpStream; 2] {
    let mut clients = [(); 2].map(|()| TcpStream::connect(&served.address).unwrap());
    clients[0].write_all(b"GET /heal").unwrap();
    let head = format!(
        "POST /api/v1/tenants/{TENANT}/snapshots HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/zip\r\nContent-Length: 1000000\r\n\r\n",
        served.address, served.token
    );
    clients[1].write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    clients[1].read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    clients
}

#[test]
fn sigterm_ends_it_with_0_within_15_seconds_whatever_clients_hold_open() {
    let room = Room::of_one_day();
    let mut served = Served::over(&room, TENANT);
    let _clients = unfinished(&served);
    let begun = Instant::now();
    served.signal("-TERM");
    let ended = served.ended();
    assert_eq!(ended.code(), Some(0), "{ended}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let room = Room::of_one_day();
    let mut served = Served::over(&room, TENANT);
    let _clients = unfinished(&served);
    served.signal("-TERM");
    // The first one was heard when it listens no more; the upload would hold it for seconds.
    while TcpStream::connect(&served.address).is_ok() {}
    let begun = Instant::now();
    served.signal("-TERM");
    assert_eq!(served.ended().signal(), Some(15));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
