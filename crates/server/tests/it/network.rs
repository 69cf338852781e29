//! Clients that are slow, many or unruly, on real sockets: each is ended in time, and holds up nobody else.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use idscore_server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::client::Client;

/// Longer than every deadline of these tests; a test that waits so long fails.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// Limits none of which a test meets unless it says so.
pub fn patient() -> Limits {
    let never = Duration::from_secs(3_600);
    Limits { handshake: never, head: never, idle: never, pace: never, ..Limits::default() }
}

async fn service(limits: Limits) -> (Client, SocketAddr) {
    let client = Client::with(&["SecurityEvents.ReadWrite.All"], limits).await;
    let address = client.listening(None).await;
    (client, address)
}

/// A connection from an address of its own in 127.0.0.0/8.
async fn from(number: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, number), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// What comes until the service ends the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut all)).await.unwrap();
    // What was sent after the end is answered with a reset.
    assert!(read.is_ok() || read.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset));
    String::from_utf8(all).unwrap()
}

/// The answer to a request on a connection of its own.
async fn asked(mut stream: TcpStream, request: &str) -> String {
    let closing = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
    // A service that has ended the connection takes nothing; the answer is empty then.
    let _ = stream.write_all(closing.as_bytes()).await;
    rest(&mut stream).await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Sends one byte after the other until the service ends the connection.
async fn drip(stream: TcpStream, often: Duration) -> String {
    let (mut from_service, mut to_service) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while to_service.write_all(b"x").await.is_ok() {
            sleep(often).await;
        }
    });
    let mut all = Vec::new();
    let _ = timeout(LONG, from_service.read_to_end(&mut all)).await.unwrap();
    dripping.abort();
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn a_head_that_does_not_come_whole_is_ended_however_often_a_byte_of_it_comes() {
    let (_client, address) = service(Limits { head: SHORT, ..patient() }).await;
    assert_eq!(rest(&mut from(1, address).await).await, "", "one of which nothing comes");
    let mut half = from(1, address).await;
    half.write_all(b"GET /healthz HTTP/1.1\r\nHo").await.unwrap();
    assert_eq!(rest(&mut half).await, "");
    let mut dripping = from(1, address).await;
    dripping.write_all(b"GET /healthz HTTP/1.1\r\nX: ").await.unwrap();
    assert_eq!(drip(dripping, SHORT / 10).await, "");
    let mut second = from(1, address).await;
    second.write_all(HEALTH.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    second.read_exact(&mut first).await.unwrap();
    second.write_all(b"GET /hea").await.unwrap();
    assert!(rest(&mut second).await.ends_with("\r\n\r\nok\n"), "the second head of a connection has the same time");
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_asked_any_more_is_ended() {
    let (_client, address) = service(Limits { idle: SHORT, ..patient() }).await;
    let mut idle = from(1, address).await;
    for _ in 0..2 {
        idle.write_all(HEALTH.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            assert_ne!(idle.read_buf(&mut answer).await.unwrap(), 0, "it may ask again");
        }
    }
    assert_eq!(rest(&mut idle).await, "");
}

#[tokio::test]
async fn a_body_that_drips_is_answered_408_and_one_that_flows_is_not() {
    let (client, address) = service(Limits { pace: SHORT, ..patient() }).await;
    let head = format!(
        "PATCH /v1.0/security/secureScoreControlProfiles/AdminMFAV2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 10000\r\n\r\n",
        client.token
    );
    let mut dripping = from(1, address).await;
    dripping.write_all(head.as_bytes()).await.unwrap();
    let answer = drip(dripping, SHORT / 10).await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.contains("\"code\":\"RequestTimeout\"") && answer.contains("connection: close"), "{answer}");

    let mut flowing = from(1, address).await;
    flowing.write_all(head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    // 1,000 bytes in a third of the measure: three times the least rate.
    for _ in 0..10 {
        flowing.write_all(&[b' '; 1_000]).await.unwrap();
        sleep(SHORT / 3).await;
    }
    assert_eq!(status(&rest(&mut flowing).await), 400, "it was read to its end, and is no JSON");
}

#[tokio::test]
async fn a_body_that_nobody_reads_holds_no_connection() {
    let (_client, address) = service(Limits { head: SHORT, idle: SHORT, ..patient() }).await;
    let mut dripping = from(1, address).await;
    let head = "POST /api/v1/tenants/x/audit HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n";
    dripping.write_all(head.as_bytes()).await.unwrap();
    assert!((400..500).contains(&status(&drip(dripping, SHORT / 10).await)));
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answers_is_ended() {
    let (_client, address) = service(Limits { pace: SHORT, ..patient() }).await;
    let mut deaf = from(1, address).await;
    let document = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    // More than all buffers between here and there hold.
    let asking = async { while deaf.write_all(document.repeat(100).as_bytes()).await.is_ok() {} };
    timeout(LONG, asking).await.unwrap();
}

#[tokio::test]
async fn a_handler_that_works_too_long_is_answered_503_and_told_when_to_come_again() {
    let (client, address) = service(Limits { handler: Duration::ZERO, burst: NonZeroU32::MAX, ..patient() }).await;
    let request = format!(
        "GET /v1.0/security/secureScores HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
        client.token
    );
    // An answer that is ready at once is still sent; the database is not always that quick.
    let overdue = async {
        loop {
            let answer = asked(from(1, address).await, &request).await;
            if status(&answer) != 200 {
                return answer;
            }
        }
    };
    let answer = timeout(LONG, overdue).await.unwrap();
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.contains("retry-after: ") && answer.contains("ServiceUnavailable"), "{answer}");
}

#[tokio::test]
async fn five_hundred_who_drip_from_one_address_do_not_keep_another_out() {
    let (_client, address) = service(Limits { connections: 200, ..patient() }).await;
    let mut dripping = Vec::new();
    for _ in 0..500 {
        let mut stream = from(2, address).await;
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nX: ").await;
        dripping.push(stream);
    }
    let mut held = Vec::new();
    for _ in 0..50 {
        let mut stream = from(3, address).await;
        stream.write_all(HEALTH.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        timeout(LONG, stream.read_exact(&mut first)).await.unwrap().unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    assert_eq!(status(&asked(from(4, address).await, HEALTH).await), 200, "and a third one comes in beside them");
}

#[tokio::test]
async fn who_drips_through_a_proxy_does_not_keep_out_others_behind_it() {
    let limits = Limits { connections: 40, ..patient() };
    let client = Client::with(&["SecurityEvents.ReadWrite.All"], limits).await;
    let client = client.again(|service| service.trusting(vec!["127.0.0.9/32".parse().unwrap()]));
    let address = client.listening(None).await;
    let dripping = |number: u8| {
        format!(
            "PATCH /v1.0/security/secureScoreControlProfiles/AdminMFAV2 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.{number}\r\n\
             Authorization: Bearer {}\r\nContent-Length: 10\r\n\r\n",
            client.token
        )
    };
    let mut held = Vec::new();
    // Three quarters of the places are for requests through proxies, and so the 31st finds none.
    for _ in 0..30 {
        let mut stream = from(9, address).await;
        stream.write_all(dripping(1).as_bytes()).await.unwrap();
        held.push(stream);
    }
    // Whether all of them have arrived shows when one more is refused.
    let refused = loop {
        let mut stream = from(9, address).await;
        stream.write_all(dripping(1).as_bytes()).await.unwrap();
        if let Ok(answer) = timeout(SHORT, rest(&mut stream)).await {
            break answer;
        }
        held.push(stream);
    };
    assert_eq!(status(&refused), 429, "{refused}");
    assert!(refused.contains("retry-after: "), "{refused}");
    let other = HEALTH.replace("Host: a", "Host: a\r\nX-Forwarded-For: 192.0.2.2");
    assert_eq!(status(&asked(from(9, address).await, &other).await), 200);
    let mut ended = JoinSet::new();
    for mut stream in held {
        ended.spawn(async move { rest(&mut stream).await });
    }
    let ended = ended.join_next().await.unwrap().unwrap();
    assert_eq!(status(&ended), 429, "one that waits for its client made room");
}

#[tokio::test]
async fn a_request_has_exactly_one_host() {
    let (_client, address) = service(patient()).await;
    for (request, expected) in [
        (HEALTH.to_owned(), 200),
        (HEALTH.replace("Host: a\r\n", ""), 400),
        (HEALTH.replace("Host: a", "Host: a\r\nHost: a"), 400),
        (HEALTH.replace("Host: a", "Host: a\r\nhost: b"), 400),
        (HEALTH.replace("Host: a", "Host: a/b"), 400),
        (HEALTH.replace("Host: a\r\n", "").replace("1.1", "1.0"), 200),
    ] {
        assert_eq!(status(&asked(from(1, address).await, &request).await), expected, "{request}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_served_is_421_health_and_metrics_aside() {
    let client = Client::new().await.again(|service| {
        service.named(vec!["score.example.org".to_owned()]).trusting(vec!["127.0.0.9/32".parse().unwrap()])
    });
    let address = client.listening(None).await;
    for (host, path, expected) in [
        ("score.example.org", "/sign-in", 200),
        ("SCORE.example.org:8443", "/sign-in", 200),
        ("evil.example", "/sign-in", 421),
        ("evil.example", "/v1.0/security/secureScores", 421),
        ("127.0.0.1", "/readyz", 421),
        ("127.0.0.1", "/healthz", 200),
        ("127.0.0.1", "/metrics", 200),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(status(&asked(from(1, address).await, &request).await), expected, "{host} {path}");
    }
    let through = "GET /sign-in HTTP/1.1\r\nHost: inside\r\nX-Forwarded-Host: score.example.org\r\n\r\n";
    assert_eq!(status(&asked(from(9, address).await, through).await), 200, "the name that the proxy was asked for");
    assert_eq!(status(&asked(from(1, address).await, through).await), 421);
}

#[tokio::test]
async fn who_guesses_links_is_answered_429_and_others_are_not() {
    let (_client, address) = service(patient()).await;
    let guess = "GET /sign-in/guess HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n";
    let mut answers = Vec::new();
    for _ in 0..40 {
        answers.push(asked(from(2, address).await, guess).await);
    }
    assert_eq!(status(&answers[0]), 303);
    let last = answers.last().unwrap();
    assert_eq!(status(last), 429);
    assert!(last.contains("retry-after: ") && last.contains("Too many attempts"), "{last}");
    assert_eq!(status(&asked(from(3, address).await, guess).await), 303);
    let other_door = "GET /sign-in HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(status(&asked(from(2, address).await, other_door).await), 200, "every route has a limit of its own");
}

#[tokio::test]
async fn who_guesses_tokens_or_sessions_is_answered_429_and_who_has_one_is_not() {
    let (client, address) = service(patient()).await;
    let with = |line: &str| format!("GET /v1.0/security/secureScores HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n");
    let guesses = async {
        loop {
            let answer = asked(from(2, address).await, &with("Authorization: Bearer guess")).await;
            if status(&answer) == 429 {
                return answer;
            }
            assert_eq!(status(&answer), 401);
        }
    };
    assert!(timeout(LONG, guesses).await.unwrap().contains("retry-after: "));
    let session = "GET / HTTP/1.1\r\nHost: a\r\nCookie: idscore_session_80=guess\r\n\r\n";
    assert_eq!(status(&asked(from(2, address).await, session).await), 429, "sessions are guessed at the same door");
    assert_eq!(status(&asked(from(3, address).await, session).await), 303);
    let valid = with(&format!("Authorization: Bearer {}", client.token));
    assert_eq!(status(&asked(from(2, address).await, &valid).await), 200, "a token that is one has its own limit");
}

/// A service that can be told to stop.
struct Stoppable {
    stop: Arc<Notify>,
    serving: JoinHandle<()>,
}

impl Stoppable {
    async fn new(limits: Limits) -> (Client, SocketAddr, Self) {
        let client = Client::with(&["SecurityEvents.ReadWrite.All"], limits).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), Arc::new(Notify::new()));
        let stopped = Arc::clone(&stop);
        let stopped = async move { stopped.notified().await };
        let serving = tokio::spawn(idscore_server::serve(listener, None, client.service.clone(), stopped));
        (client, address, Self { stop, serving })
    }

    async fn end(self) {
        self.stop.notify_one();
        timeout(LONG, self.serving).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_service_that_stops_waits_for_nobody_who_asks_nothing() {
    let (_client, address, service) = Stoppable::new(Limits { drain: 2 * LONG, ..patient() }).await;
    let mut held = [from(1, address).await, from(1, address).await, from(1, address).await];
    held[0].write_all(b"GET /healthz HT").await.unwrap();
    held[1].write_all(HEALTH.as_bytes()).await.unwrap();
    held[1].read_exact(&mut [0; 12]).await.unwrap();
    service.end().await;
}

#[tokio::test]
async fn a_service_that_stops_answers_what_was_begun_within_its_time() {
    let (client, address, service) = Stoppable::new(Limits { drain: 2 * SHORT, ..patient() }).await;
    let head = format!(
        "PATCH /v1.0/security/secureScoreControlProfiles/AdminMFAV2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\
         Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        client.token
    );
    let mut begun = [from(1, address).await, from(1, address).await];
    for stream in &mut begun {
        stream.write_all(head.as_bytes()).await.unwrap();
        // The handler reads the body: the request is at work.
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    let ending = tokio::spawn(service.end());
    // Until the service listens no more.
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(LONG, refused).await.unwrap();
    begun[0].write_all(b"{}").await.unwrap();
    assert_eq!(status(&rest(&mut begun[0]).await), 400, "answered, in time");
    ending.await.unwrap();
    assert_eq!(rest(&mut begun[1]).await, "", "given up");
}
