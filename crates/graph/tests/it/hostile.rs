//! Numbers and dates that can't be, and a collection that has no time left.

use std::sync::Mutex;
use std::time::Duration;

use idscore_graph::{CollectError, Kind, Patience, Status, Stop, Watch};
use idscore_graph_server::Server;

use crate::support::{Invented, collect, connection, faulty, unlimited, wanted};

/// Writes down what a collection notes.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Watch for Notes {
    fn notes(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

#[test]
fn a_wait_that_is_cut_is_told_and_what_was_read_then_is_whole() {
    let tenant = Invented::usual();
    let wait = format!("status = 429\nheaders = {{ retry-after = \"{}\" }}", u64::MAX);
    let script =
        format!("[[fault]]\ndata_set = \"users\"\nnth = 1\n{wait}\n[[fault]]\nin_batch = true\nnth = 1\n{wait}\n");
    let server = Server::start(&tenant.export, faulty(&script)).unwrap();
    let mut connection = connection(&server);
    connection.patience.longest_asked = Duration::from_millis(5);
    let (notes, stop) = (Notes::default(), Stop::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let wanted = wanted(&tenant.beside("collected"));
    let collection = runtime.block_on(idscore_graph::collect(&connection, &wanted, &notes, &stop)).unwrap();
    assert_eq!(collection.missing().count(), 0, "{:?}", collection.missing().next());
    let notes = notes.0.into_inner().unwrap();
    let told = notes.iter().filter(|note| note.ends_with("it asked for a wait of 18446744073709551615s, cut to 5ms"));
    assert_eq!(told.count(), 2, "{notes:?}");
}

#[test]
fn a_collection_whose_time_is_over_names_each_data_set_that_it_gave_up() {
    let tenant = Invented::usual();
    let over = |patience: Patience, what: &str| {
        let server = Server::start(&tenant.export, unlimited()).unwrap();
        let mut connection = connection(&server);
        connection.patience = patience;
        let collection = collect(&connection, &wanted(&tenant.beside(what))).unwrap();
        assert!(collection.data_sets.iter().all(|set| set.rows == 0), "{what}");
        let users = collection.missing().find(|set| set.name == "users").unwrap();
        assert_eq!((users.status, users.error_code.as_deref()), (Status::Failed, Some("deadline")), "{what}");
        assert_eq!(users.message.as_deref(), Some("the time for this data set is over"), "{what}");
    };
    over(Patience { deadline: Duration::ZERO, ..Patience::default() }, "data set");
    over(Patience { whole: Duration::ZERO, ..Patience::default() }, "collection");
}

#[test]
fn a_day_that_nobody_knows_is_no_day_of_an_export() {
    let tenant = Invented::usual();
    let date = "headers = { date = \"Mon, 01 Nov 9999 00:00:00 GMT\" }";
    let login = Server::start(&tenant.export, faulty(&format!("[[fault]]\ndata_set = \"token\"\n{date}"))).unwrap();
    let refused = collect(&connection(&login), &wanted(&tenant.beside("login"))).unwrap_err();
    assert!(matches!(refused, CollectError::ClockSkew { direction: "behind", .. }), "{refused}");
    assert_eq!(refused.kind(), Kind::Unreachable);
    let graph = Server::start(&tenant.export, faulty(&format!("[[fault]]\npath = \"/\"\n{date}"))).unwrap();
    let collection = collect(&connection(&graph), &wanted(&tenant.beside("graph"))).unwrap();
    let off = collection.started_at.unwrap().as_second() - jiff::Timestamp::now().as_second();
    assert!((-60..=60).contains(&off), "{off}");
}
