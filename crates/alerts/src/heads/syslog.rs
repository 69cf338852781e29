//! Syslog after RFC 5424: one message, one datagram (RFC 5426).

use std::io;
use std::net::Ipv6Addr;
use std::path::Path;

use idscore_history::instants::rfc3339;
use idscore_store::Head;
use tokio::net::UdpSocket;

/// Facility 13, log audit, and severity 5, notice: `8 × 13 + 5`.
const PRIORITY: u8 = 109;

/// The message: the host is for the receiver to say, which knows where it came from.
pub(super) fn message(at: i64, head: &Head) -> String {
    let (process, Head { sequence, hash, .. }) = (std::process::id(), head);
    let (when, of) = (rfc3339(at), rfc3339(head.at));
    format!(
        "<{PRIORITY}>1 {when} - idscore {process} auditHead - audit log head: sequence={sequence} at={of} hash={hash}"
    )
}

/// Sends to `HOST:PORT` over UDP. That it arrived is not known, as always there.
pub(super) async fn send(address: &str, message: &str) -> io::Result<()> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for to in tokio::net::lookup_host(address).await? {
        let from = if to.is_ipv4() { "0.0.0.0:0".to_owned() } else { format!("[{}]:0", Ipv6Addr::UNSPECIFIED) };
        let sent = async {
            let socket = UdpSocket::bind(from).await?;
            socket.connect(to).await?;
            socket.send(message.as_bytes()).await
        };
        match sent.await {
            Ok(_) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Sends to the socket of a daemon on this machine.
#[cfg(unix)]
pub(super) async fn send_here(path: &Path, message: &str) -> io::Result<()> {
    tokio::net::UnixDatagram::unbound()?.send_to(message.as_bytes(), path).await.map(|_| ())
}

/// Sends to the socket of a daemon on this machine.
#[cfg(not(unix))]
pub(super) async fn send_here(_: &Path, _: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no such sockets; name a server with syslog+udp://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_form_of_rfc_5424() {
        let head = Head { sequence: 7, at: 1_700_000_000_000_000, hash: "ab".repeat(32) };
        let told = message(1_700_000_060_000_000, &head);
        let fields: Vec<&str> = told.splitn(8, ' ').collect();
        assert_eq!(fields[..4], ["<109>1", "2023-11-14T22:14:20Z", "-", "idscore"]);
        assert_eq!(fields[5..7], ["auditHead", "-"]);
        assert_eq!(fields[7], format!("audit log head: sequence=7 at=2023-11-14T22:13:20Z hash={}", head.hash));
        assert!(told.is_ascii() && told.len() < 480, "every receiver takes 480 bytes");
    }
}
